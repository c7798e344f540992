// How a comparison ends where a method diverges or fails, what verify finds, and what hostile input cannot do.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "experiments/config/parse.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"
#include "tests/support/program.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

namespace fs = std::filesystem;
using Catch::Contains;
using experiments::Json;
using experiments::read_text;
using tiny::with;

namespace {

/// An experiment file beside where its results go: methods "Sound" and what is given.
struct Workbench {
  TempDirectory scratch;
  fs::path file = scratch.path() / "tiny.json";
  fs::path out = scratch.path() / "out";

  explicit Workbench(const std::string& other, const std::string& seeds = "[1, 2]") {
    Json json = tiny::document();
    json["data"]["corpus"] = source_dir() + "/experiments/data";
    json["methods"] = Json::parse("[{\"name\": \"Sound\"}" + (other.empty() ? "" : ", " + other) + "]");
    json["baseline"] = "Sound";
    json["seeds"] = Json::parse(seeds);
    write(json.dump());
  }
  void write(const std::string& text) const { std::ofstream(file) << text; }
  Outcome run(const std::string& more = "") const {
    return straggle("run \"" + file.string() + "\" --quiet --ignore-memory --out \"" + out.string() + "\" " + more);
  }
  Outcome on_results(const std::string& command, const std::string& more = "") const {
    return straggle(command + " \"" + out.string() + "\" " + more);
  }
  Json json(const std::string& name) const { return Json::parse(read_text(out / name)); }
  /// Replaces the last `from` of a results file.
  void tamper(const std::string& name, const std::string& from, const std::string& to) const {
    std::string text = read_text(out / name);
    const size_t at = text.rfind(from);
    REQUIRE(at != std::string::npos);
    std::ofstream(out / name) << text.replace(at, from.size(), to);
  }
};

const std::string kExploding =
    R"({"name": "Exploding", "update_weight": 1e30, "outer": {"kind": "sgd", "rate": 1e38}})";
/// Its parameters need more bytes than an address space has, 560 TB.
const std::string kFailing = R"({"name": "Failing", "model": {"layers": 1024, "width": 65536, "hidden": 1048576}})";
const char* const kWhy = "out of memory: a smaller model";

}  // namespace

TEST_CASE("a method that diverges is told as such and the comparison goes on", "[threads]") {
  const Workbench place(kExploding);
  const Outcome outcome = place.run();
  INFO(outcome.output);
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.output, Contains("\"Exploding\", seed 2, diverged"));
  CHECK(place.json("sound/1/summary.json").at("diverged") == false);
  CHECK(place.json("exploding/1/summary.json").at("diverged") == true);
  CHECK(place.json("exploding/1/summary.json").at("loss").is_null());
  CHECK(place.json("exploding/1/summary.json").at("time_to_target_seconds").is_null());
  // The target is the sound method's own, as it would be without the other.
  CHECK(place.json("sound/1/summary.json").at("target_loss") == place.json("sound/1/summary.json").at("loss"));
  CHECK_THAT(read_text(place.out / "summary.md"), Contains("| Exploding | diverged |"));
  // Left out of the curves, not of the workers' time.
  CHECK_THAT(read_text(place.out / "charts/wall_clock.gp"), !Contains("Exploding") && Contains("Sound"));
  CHECK_THAT(read_text(place.out / "charts/utilisation.gp"), Contains("Exploding"));
  const Outcome report = place.on_results("report");
  CHECK(report.code == 0);
  CHECK_THAT(report.output, !Contains("no timelines"));
  CHECK(place.on_results("verify").code == 0);
  const fs::path picture = place.scratch.path() / "p.gp";
  CHECK(place.on_results("plot", "--out \"" + picture.string() + "\"").code == 0);
  CHECK_THAT(read_text(picture), Contains("Exploding (diverged)") && !Contains("Sound (diverged)"));
}

TEST_CASE("a method that fails does not take the others down", "[out-of-memory]") {
  const Workbench place(kFailing);
  const Outcome outcome = place.run();
  INFO(outcome.output);
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.output, Contains("\"Failing\", seed 1, failed: ") && Contains(kWhy));
  CHECK_THAT(place.json("failing/2/error.json").at("message").get<std::string>(), Contains(kWhy));
  CHECK_FALSE(fs::exists(place.out / "failing/2/summary.json"));
  const Json runs = place.json("manifest.json").at("runs");
  REQUIRE(runs.size() == 4);
  CHECK(runs[0].at("fingerprint") == place.json("sound/1/summary.json").at("fingerprint"));
  CHECK_THAT(runs[3].at("error").get<std::string>(), Contains(kWhy));
  // The sound method's results are those of a run without the other, and the tools read them.
  const Workbench alone("");
  REQUIRE(alone.run().code == 0);
  for (const char* name : {"sound/1/metrics.jsonl", "sound/2/updates.jsonl", "sound/1/summary.json", "summary.csv"})
    CHECK(read_text(place.out / name) == read_text(alone.out / name));
  CHECK(place.on_results("report").code == 0);
  CHECK(place.on_results("verify").code == 0);
}

TEST_CASE("where every method fails, nothing is written and the first one's error is the message") {
  const Workbench place("");
  const Outcome outcome = place.run("--set '/workers/0/download={\"bytes_per_second\": 1e-300}'");
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.output, Contains("146 simulated years"));
  CHECK_FALSE(fs::exists(place.out));
}

TEST_CASE("a baseline that fails leaves the others without one", "[out-of-memory]") {
  Workbench place(kFailing, "[1]");
  CHECK(place.run("--set /baseline=Failing").code == 1);
  CHECK_THAT(read_text(place.out / "summary.md"), Contains("No baseline is named"));
  CHECK(place.on_results("report").code == 0);
}

TEST_CASE("verify runs what is stored again and tells the first field that differs") {
  const Workbench place(R"({"name": "Async", "policy": {"kind": "grace-window", "seconds": 0.5}})");
  const Outcome run = place.run("--threads 2 --verbose");
  REQUIRE(run.code == 0);
  const auto fingerprint = place.json("async/2/summary.json").at("fingerprint").get<std::string>();
  CHECK(fingerprint.size() == 16);
  CHECK_THAT(run.output, Contains("trajectory " + fingerprint + "  Async, seed 2"));

  SECTION("unchanged") {
    const Outcome all = place.on_results("verify", "--threads 1 --quiet");
    CHECK(all.code == 0);
    CHECK_THAT(all.output, Contains("4 runs verified: all records"));
    for (const char* updates : {"1", "3", "8", "1000"}) {
      const Outcome begun = place.on_results("verify", std::string("--quiet --updates ") + updates);
      INFO(begun.output);
      CHECK(begun.code == 0);
    }
  }
  SECTION("another train_loss in the last line") {
    place.tamper("async/2/updates.jsonl", "\"train_loss\":", "\"train_loss\":1");
    const Outcome outcome = place.on_results("verify", "--quiet");
    CHECK(outcome.code == 1);
    CHECK_THAT(outcome.output, Contains("async/2/updates.jsonl: line ") && Contains(", /train_loss: 1") &&
                                   Contains("1 of 4 runs differ"));
    CHECK(place.on_results("verify", "--quiet --updates 3").code == 0);  // the beginning is as it was
  }
  SECTION("another evaluation") {
    place.tamper("sound/1/metrics.jsonl", "\"tokens\":", "\"tokens\":1");
    CHECK_THAT(place.on_results("verify", "--quiet").output, Contains("sound/1/metrics.jsonl: line 5, /tokens: 1"));
  }
  SECTION("another fingerprint") {
    place.tamper("async/2/summary.json", fingerprint, std::string(16, '0'));
    const Outcome outcome = place.on_results("verify", "--quiet");
    CHECK(outcome.code == 1);
    CHECK_THAT(outcome.output,
               Contains("/fingerprint: \"0000000000000000\" is stored, \"" + fingerprint + "\" was found"));
  }
  SECTION("another experiment") {
    place.tamper("experiment.json", "0.58", "0.57");
    CHECK(place.on_results("verify", "--quiet").code == 1);
  }
  SECTION("another corpus") {
    const Json corpora = place.json("manifest.json").at("corpora");
    place.tamper("manifest.json", corpora.begin()->get<std::string>(), "0123");
    const Outcome outcome = place.on_results("verify", "--quiet");
    CHECK(outcome.code == 1);
    CHECK_THAT(outcome.output, Contains("the text has changed"));
  }
  SECTION("broken results") {
    place.tamper("async/2/summary.json", "\"seed\"", "\"sed\"");
    CHECK(place.on_results("verify", "--quiet").code == 2);
    CHECK(straggle("verify \"" + (place.out / "none").string() + "\"").code == 2);
    CHECK(place.on_results("verify", "--updates 0").code == 2);
    std::ofstream(place.out / "manifest.json") << std::string(100000, '[');
    CHECK_THAT(place.on_results("verify").output, Contains("manifest.json: is nested more than 64 levels deep"));
  }
}

TEST_CASE("a run that every worker leaves before its limit is told as such wherever its results stand") {
  const Workbench place(R"({"name": "Deserted", "workers": [{"count": 4, "speed": {"seconds_per_step": 0.5},
                       "availability": {"kind": "scheduled", "leave_at_seconds": 9.9}}]})");
  const Outcome outcome = place.run("--set /stop/local_steps=120");
  INFO(outcome.output);
  CHECK(outcome.code == 3);
  const Json run = place.json("deserted/2/summary.json");
  CHECK(run.at("out_of_workers") == true);
  const std::string steps = std::to_string(run.at("local_steps").get<int>());
  REQUIRE(steps == "60");
  const std::string note =
      "Deserted ended before its limit with 2 of 2 seeds, after 60 local steps: every worker had left";
  const std::string unequal = "methods are compared at unequal local steps: Sound 120, Deserted 60";
  CHECK_THAT(outcome.output, Contains("note: " + note) && Contains("note: " + unequal));
  CHECK_THAT(outcome.output, Contains("\"Deserted\", seed 1, ended before its limit, after 60 local steps at 9.9 s"));
  CHECK_THAT(outcome.output, !Contains("Sound ended") && !Contains("\"Sound\", seed 1, ended"));
  CHECK(place.json("sound/1/summary.json").at("out_of_workers") == false);
  CHECK_THAT(read_text(place.out / "summary.md"), Contains("Note: " + note) && Contains("Note: " + unequal));
  CHECK_THAT(read_text(place.out / "summary.csv"), Contains("worse_than_start,out_of_workers\n") && Contains(",0,2\n"));
  CHECK_THAT(read_text(place.out / "report.html"), Contains(note) && Contains(unequal));
  CHECK(place.on_results("report").code == 0);
  CHECK_THAT(read_text(place.out / "report.html"), Contains(note) && Contains(unequal));
  CHECK(place.on_results("verify", "--quiet").code == 0);
  const Outcome dry = place.run("--dry-run --set /stop/local_steps=120");
  CHECK_THAT(dry.output,
             Contains("Note: Deserted ended before its limit, after 60 local steps") && Contains("Note: " + unequal));
}

TEST_CASE("methods that did unequal local steps are named with their counts under every table") {
  const Workbench place(R"({"name": "Long", "local_steps": {"kind": "equal", "steps": 500}})", "[1]");
  const std::string unequal = "methods are compared at unequal local steps: Sound 120, Long 2000";
  const Outcome outcome = place.run("--set /stop/local_steps=120");
  INFO(outcome.output);
  CHECK(outcome.code == 0);  // each did what was asked of it
  CHECK_THAT(outcome.output, Contains("note: " + unequal));
  CHECK_THAT(read_text(place.out / "summary.md"), Contains("Note: " + unequal));
  CHECK_THAT(read_text(place.out / "report.html"), Contains(unequal));
  CHECK_THAT(place.run("--dry-run --set /stop/local_steps=120").output, Contains("Note: " + unequal));
}

TEST_CASE("verify compares results in which no update ever arrived, and says what there was to compare") {
  const Workbench place("", "[1]");
  REQUIRE(place.run("--set '/stop={\"simulated_seconds\": 1}'").code == 0);
  REQUIRE(fs::file_size(place.out / "sound/1/updates.jsonl") == 0);
  for (const char* more : {"--quiet", "--quiet --updates 3"}) {
    const Outcome outcome = place.on_results("verify", more);
    INFO(outcome.output);
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.output,
               Contains("no update arrived in 1 of 1 run; what was compared") && Contains("1 run verified"));
  }
  const auto fingerprint = place.json("sound/1/summary.json").at("fingerprint").get<std::string>();
  place.tamper("sound/1/summary.json", fingerprint, std::string(16, '0'));
  CHECK(place.on_results("verify", "--quiet").code == 1);
  fs::remove(place.out / "sound/1/updates.jsonl");
  CHECK(place.on_results("verify", "--quiet").code == 2);
}

TEST_CASE("the manifest tells what a result was made with") {
  const Workbench place("", "[1]");
  REQUIRE(place.run().code == 0);
  const Json manifest = place.json("manifest.json");
  for (const char* key :
       {"program", "git_commit", "binary", "compiler", "build_type", "compile_flags", "matrix_products", "libraries",
        "system", "cpu", "processors", "threads", "experiment_file", "seeds", "corpora"})
    CHECK_FALSE(manifest.at(key).is_null());
  const Outcome head = shell("git -C \"" + source_dir() + "\" rev-parse HEAD");
  if (head.code == 0) {
    const auto commit = manifest.at("git_commit").get<std::string>();
    CHECK(commit.substr(0, 40).find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK((commit.size() == 40 || commit.substr(40) == "-dirty"));
  }
}

TEST_CASE("no name in an experiment file leads out of the results directory") {
  for (const char* name : {"../evil", "..", ".", "/tmp/evil", "a/b", ".hidden", "a\\u0000b", "~"}) {
    const Workbench place("", "[1]");
    const Outcome outcome = straggle("run \"" + place.file.string() + "\" --set '/name=\"" + name + "\"'");
    INFO(name << "\n" << outcome.output);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.output, Contains("/name"));
  }
  // A method's directory is made of its letters and digits alone.
  const Workbench place(R"({"name": "../../Evil"}, {"name": "/etc/passwd"})", "[18446744073709549568]");
  REQUIRE(place.run("--set /stop/local_steps=20 --set /save_weights=true").code == 0);
  CHECK(fs::exists(place.out / "evil/18446744073709549568/final.safetensors"));
  CHECK(fs::exists(place.out / "etc-passwd/18446744073709549568/summary.json"));
  CHECK(std::distance(fs::directory_iterator(place.scratch.path()), {}) == 2);
}

TEST_CASE("input that is too large, too deep or too wide ends soon with a message", "[slow]") {
  const Workbench place("", "[1]");
  const auto refused = [&](const std::string& text, const std::string& expected) {
    place.write(text);
    for (const char* command : {"check", "run", "sweep"}) {
      const Outcome outcome = straggle(std::string(command) + " \"" + place.file.string() + "\"");
      INFO(outcome.output.substr(0, 300));
      CHECK(outcome.code == 2);
      CHECK_THAT(outcome.output, Contains(expected));
      CHECK(outcome.output.size() < 100000);
    }
  };
  const std::string whole = read_text(place.file);
  const auto with_text = [&](const std::string& pointer, const std::string& value) {
    Json json = Json::parse(whole);
    json[Json::json_pointer(pointer)] = "PUT HERE";
    std::string text = json.dump();
    const std::string mark = "\"PUT HERE\"";
    return text.replace(text.find(mark), mark.size(), value);
  };
  const auto many = [](size_t count, const std::string& item) {
    std::string text = "[" + item;
    for (size_t i = 1; i < count; ++i) text += "," + item;
    return text + "]";
  };
  refused(std::string(100000, '['), "nested more than 64 levels deep");
  refused(with_text("/workers", std::string(100000, '[') + std::string(100000, ']')), "nested more than 64");
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "{\"a\":";
  refused(with_text("/model", deep), "nested more than 64");
  refused(with_text("/workers", many(1'000'001, "1")), "/workers has 1000001 items; allowed: at most 1000000");
  refused(with_text("/workers", many(500'000, "1")), "/workers/0 is the number 1");  // a hundred mistakes, not all
  refused(with_text("/seeds", many(10'001, "1")), "/seeds has 10001 items; allowed: at most 10000");
  refused(with_text("/methods", many(1001, "{}")), "/methods has 1001 items; allowed: at most 1000");
  std::string keys;
  for (int i = 0; i < 100000; ++i) keys += (i ? ",\"" : "{\"") + std::to_string(i) + "\":1";
  refused(with_text("/model", keys + "}"), "an object of more than 1000 keys");
  refused(with_text("/methods", "[{\"name\":\"" + std::string(1 << 20, 'x') + "\"}]"), "/methods/0/name");
  fs::resize_file(place.file, (64 << 20) + 1);
  CHECK_THAT(straggle("check \"" + place.file.string() + "\"").output, Contains("is larger than 64 MiB"));
}
