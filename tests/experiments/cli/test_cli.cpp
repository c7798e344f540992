#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <span>

#include "experiments/config/parse.h"
#include "models/safetensors.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"
#include "tests/support/workplace.h"

namespace fs = std::filesystem;
using Catch::Contains;
using tiny::with;

TEST_CASE("a run leaves the whole results directory behind and prints its table") {
  const Workplace place;
  const Outcome outcome = place.run();
  INFO(outcome.output);
  REQUIRE(outcome.code == 0);
  CHECK_THAT(outcome.output, Contains("Async DN + DyLU") && Contains("speed-up"));
  for (const char* name :
       {"experiment.json", "manifest.json", "summary.csv", "summary.md", "report.html", "diloco/1/metrics.jsonl",
        "diloco/2/updates.jsonl", "async-dn-dylu/1/summary.json", "async-dn-dylu/2/metrics.jsonl"})
    CHECK(fs::file_size(place.out / name) > 0);
  CHECK(place.entries() == 2);  // the file and the results, nothing temporary
  // What it says it ran can be run again from there, to the same records.
  const fs::path again = place.scratch.path() / "again";
  REQUIRE(straggle("run \"" + (place.out / "experiment.json").string() + "\" --out \"" + again.string() + "\"").code ==
          0);
  CHECK(contents(again) == contents(place.out));
}

TEST_CASE("the same experiment twice, and with 1, 2 and 4 threads, leaves byte-identical records", "[threads]") {
  const Workplace a, b, c, d;
  REQUIRE(a.run("--threads 1").code == 0);
  REQUIRE(b.run("--threads 1 --quiet").code == 0);
  REQUIRE(c.run("--threads 2").code == 0);
  REQUIRE(d.run("--threads 4").code == 0);
  const auto reference = contents(a.out);
  CHECK(reference.size() >= 15);
  CHECK(contents(b.out) == reference);
  CHECK(contents(c.out) == reference);
  CHECK(contents(d.out) == reference);
}

TEST_CASE("saved weights are those a later run can start from") {
  const Workplace place(with(Workplace::document(), {{"/save_weights", "true"}, {"/seeds", "[1]"}}));
  REQUIRE(place.run().code == 0);
  REQUIRE(fs::exists(place.out / "diloco/1/initial.safetensors"));
  const auto weights = experiments::Json((place.out / "diloco/1/final.safetensors").string()).dump();
  const Workplace next(
      with(Workplace::document(), {{"/start", R"({"kind": "weights", "file": )" + weights + "}"}, {"/seeds", "[1]"}}));
  REQUIRE(next.run().code == 0);
  const auto last = [](const fs::path& file, bool first) {
    const std::string text = experiments::read_text(file);
    const auto line = first ? text.substr(0, text.find('\n')) : text.substr(text.rfind('\n', text.size() - 2) + 1);
    return experiments::Json::parse(line).at("loss").get<double>();
  };
  CHECK(last(next.out / "diloco/1/metrics.jsonl", true) == last(place.out / "diloco/1/metrics.jsonl", false));
}

TEST_CASE("check prints the resolved file, format the keys, and --dry-run the schedule without leaving anything") {
  const Workplace place;
  const Outcome check = straggle("check \"" + place.file.string() + "\" --set /stop/local_steps=99");
  CHECK(check.code == 0);
  const size_t json = check.output.find("\n{") + 1, corpus = check.output.find("straggle: corpus ");
  CHECK_THAT(check.output.substr(0, corpus), Contains("worker 3      1     3.33 ") && Contains("\nρ_s") &&
                                                 Contains("without waiting 3.35 times as many steps") &&
                                                 !Contains("beginning alone"));
  CHECK(experiments::Json::parse(check.output.substr(json)).at("stop").at("local_steps") == 99);
  CHECK_THAT(check.output.substr(corpus, json - corpus),
             Catch::StartsWith("straggle: corpus ") &&
                 Contains(": 8 files, 8 domains, 8 documents, 2.1 MB; validation 5.0 %; left out: PROVENANCE.md (") &&
                 Contains(", SHA256SUMS ("));
  CHECK_THAT(straggle("format").output, Contains("seconds_per_step"));
  const Outcome dry = place.run("--dry-run");
  CHECK(dry.code == 0);
  CHECK_THAT(dry.output, Contains("Async DN + DyLU") && Contains("utilisation"));
  const auto table = check.output.substr(0, check.output.find("\n\n"));
  CHECK_THAT(dry.output, Catch::StartsWith(table));
  // It measures nothing of the machine, so that it says the same at once, every time.
  CHECK_THAT(dry.output, !Contains("would take") && Contains("straggle bench " + place.file.string()));
  CHECK(place.run("--dry-run").output == dry.output);
  CHECK_THAT(dry.output, Contains("critical path\nDiLoCo") && Contains("worker 3 cost ") && !Contains("what if"));
  const Outcome what_if = place.run("--dry-run --what-if");
  CHECK(what_if.code == 0);
  CHECK_THAT(what_if.output, Catch::StartsWith(dry.output) && Contains("\n  worker 3 at the others' median speed"));
  const Outcome trains = place.run("--what-if");
  CHECK(trains.code == 2);
  CHECK_THAT(trains.output, Contains("--what-if goes with --dry-run"));
  CHECK(place.entries() == 1);
}

TEST_CASE("check takes only the beginning of long runs, no clock of very many workers, and says so") {
  const Workplace place;
  const auto check = [&](const std::string& more) {
    const Outcome outcome = straggle("check \"" + place.file.string() + "\" " + more);
    CHECK(outcome.code == 0);
    return outcome.output.substr(0, outcome.output.find("straggle: corpus "));
  };
  CHECK_THAT(check("--set /stop/local_steps=100000000"),
             Contains("measured in the beginning alone: ") && Contains(" of DiLoCo, ") && Contains("--dry-run takes"));
  const std::string many = check("--set /workers/0/count=1000000");
  CHECK_THAT(many, Contains("no clock was run of so many workers: DiLoCo, Async DN + DyLU; straggle run ") &&
                       Contains("workers 0–999999  1000000") && !Contains("\nρ_b"));
}

TEST_CASE("tokens are told as trained and as charged for where a model stands in for another") {
  const Workplace place(
      with(Workplace::document(), {{"/stand_in", R"({"parameters": 1000000, "tokens_per_step": 3200})"}}));
  const std::string output = place.run("--dry-run").output;  // a step trains 32 tokens
  CHECK_THAT(output, Contains("DiLoCo: trained on 5120 tokens, charged on the clock for 512000\n"));
}

TEST_CASE("bad input ends with exit code 2, one clear message and nothing half-written") {
  const auto fails = [](const Workplace& place, const std::string& more, const std::string& expected) {
    const size_t before = place.entries();
    const Outcome outcome = place.run(more);
    INFO(outcome.output);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.output, Contains(expected));
    CHECK_THAT(outcome.output, Catch::StartsWith("straggle: "));
    CHECK_THAT(outcome.output, !Contains("unexpected"));
    CHECK(place.entries() == before);
  };
  const auto changed = [](const std::string& pointer, const std::string& value) {
    return Workplace(with(Workplace::document(), {{pointer, value}}));
  };

  SECTION("missing file") {
    const Workplace place;
    fs::remove(place.file);
    fails(place, "", "tiny.json: does not exist");
  }
  SECTION("broken JSON") {
    const Workplace place;
    place.write("{\n  \"name\": \"x\",\n  oops\n}");
    fails(place, "", "tiny.json: line 3, column 3: not valid JSON");
  }
  SECTION("unknown key") { fails(changed("/worker", "[]"), "", "/worker is unknown"); }
  SECTION("zero workers") { fails(changed("/workers", "[]"), "", "/workers is an empty array"); }
  SECTION("negative latency") {
    fails(changed("/workers/0/upload", R"({"latency_seconds": -0.1})"), "",
          "/workers/0/upload/latency_seconds is the number -0.1");
  }
  SECTION("missing corpus") {
    const Workplace place = changed("/data/corpus", "\"nowhere\"");
    fails(place, "", "/data/corpus \"" + (place.scratch.path() / "nowhere").string() + "\" does not exist");
    CHECK(straggle("check \"" + place.file.string() + "\"").code == 2);
    CHECK(place.run("--dry-run").code == 0);  // reads no data
  }
  SECTION("corpus shorter than one window") {
    const Workplace place(with(Workplace::document(), {{"/data/corpus", "\"short.txt\""}}));
    std::ofstream(place.scratch.path() / "short.txt") << "too short";
    fails(place, "", "one window of 17 tokens");
  }
  SECTION("vocabulary that does not match the weights") {
    const Workplace first(
        with(Workplace::document(), {{"/save_weights", "true"}, {"/seeds", "[1]"}, {"/stop/local_steps", "20"}}));
    REQUIRE(first.run().code == 0);
    const auto weights = experiments::Json((first.out / "diloco/1/final.safetensors").string()).dump();
    const std::string start = R"({"kind": "weights", "file": )" + weights + "}";
    fails(Workplace(
              with(Workplace::document(), {{"/start", start},
                                           {"/model/vocabulary", "400"},
                                           {"/data/tokenizer", R"({"kind": "sentencepiece", "vocabulary": 400})"}})),
          "", "embed.weight");
  }
  SECTION("existing output directory") {
    const Workplace place;
    fs::create_directory(place.out);
    fails(place, "", "exists already");
  }
  SECTION("unwritable output directory") {
    const Workplace place;
    std::ofstream(place.scratch.path() / "file") << "x";
    const Outcome outcome = straggle("run \"" + place.file.string() + "\" --out \"" +
                                     (place.scratch.path() / "file/below").string() + "\"");
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.output, Contains("cannot be created"));
    const Outcome proc = straggle("run \"" + place.file.string() + "\" --out /proc/straggle");
    CHECK(proc.code == 2);
    CHECK_THAT(proc.output, Contains("/proc/straggle: cannot be created"));
    CHECK(straggle("run \"" + place.file.string() + "\" --out \"\"").code == 2);
    CHECK(straggle("run \"" + place.file.string() + "\" --out . --overwrite").code == 2);
  }
  SECTION("no parent directory is left behind either") {
    const Workplace place(with(Workplace::document(), {{"/data/corpus", "\"short.txt\""}}));
    std::ofstream(place.scratch.path() / "short.txt") << "too short";
    const size_t before = place.entries();
    CHECK(straggle("run \"" + place.file.string() + "\" --out \"" + (place.scratch.path() / "a/b/c").string() + "\"")
              .code == 2);
    CHECK(place.entries() == before);
  }
  SECTION("deep nesting") {
    const Workplace place;
    place.write(std::string(200000, '[') + std::string(200000, ']'));
    fails(place, "", "nested more than 64 levels deep");
    fails(Workplace(), "--set /loca=" + std::string(100, '[') + std::string(100, ']'),
          "nested more than 64 levels deep");
  }
  SECTION("bytes that are no UTF-8") { fails(Workplace(), "--set $(printf '/description=\\377')", "is not UTF-8"); }
  SECTION("times beyond the clock and counts beyond the counters") {
    fails(changed("/workers/0/download", R"({"bytes_per_second": 1e-300})"), "", "longer than 146 simulated years");
    fails(Workplace(with(Workplace::document(), {{"/workers", R"([{"count": 4, "speed": {"seconds_per_step": 1e-3}}])"},
                                                 {"/local_steps/steps", "100000000"},
                                                 {"/model/context", "65536"},
                                                 {"/local/batch_size", "65536"},
                                                 {"/stop/local_steps", "1e14"},
                                                 {"/evaluation/every", R"({"local_steps": 1e14})"}})),
          "--dry-run", "2^63 training tokens");
    fails(changed("/evaluation/every", R"({"simulated_seconds": 1e-6})"), "--dry-run",
          "tiny.json: method \"DiLoCo\", seed 1: /evaluation/every: the run passes 1000000 evaluations");
    // Found by the clock, which runs before anything is trained.
    fails(
        changed("/workers/0/availability", R"({"kind": "random", "mean_up_seconds": 0.01, "mean_down_seconds": 0.01})"),
        "", "method \"DiLoCo\", seed 1: /workers: 1000000 rounds in a row ended with a crash");
  }
  SECTION("a pipe where a file should be") {
    const Workplace place;
    fs::remove(place.file);
    REQUIRE(mkfifo(place.file.c_str(), 0600) == 0);
    fails(place, "", "is not a regular file");
    const Workplace corpus(with(Workplace::document(), {{"/data/corpus", "\"pipe.txt\""}}));
    REQUIRE(mkfifo((corpus.scratch.path() / "pipe.txt").c_str(), 0600) == 0);
    fails(corpus, "", "is not a regular file");
  }
  SECTION("a model larger than memory") {
    fails(changed("/model", R"({"preset": "tiny", "width": 65536, "layers": 1024, "heads": 1024})"), "", "of memory (");
  }
  SECTION("what only the model, a trace or a file tells, named where it was written") {
    fails(Workplace(with(Workplace::document(), {{"/local_steps", R"({"kind": "equal", "steps": 100})"},
                                                 {"/methods/1/local_steps", R"({"kind": "equal", "steps": 100})"},
                                                 {"/methods/1/policy", R"({"kind": "barrier"})"},
                                                 {"/methods/1/fragments", R"({"count": 100})"}})),
          "", "tiny.json: /methods/1/fragments/count is 100, but the model has");
    fails(changed("/methods/0/start", R"({"kind": "weights", "file": "nowhere.safetensors"})"), "",
          "tiny.json: /methods/0/start/file ");
    fails(changed("/start", R"({"kind": "weights", "file": "nowhere.safetensors"})"), "", "tiny.json: /start/file ");
  }
  SECTION("a setting that leads nowhere") { fails(Workplace(), "--set /workers/9/count=2", "leads nowhere"); }
  SECTION("no threads") { fails(Workplace(), "--threads 0", "--threads is 0"); }
}

TEST_CASE("a reader that goes away does not end a run") {
  const Workplace place;
  CHECK(shell("\"" + straggle_binary() + "\" run \"" + place.file.string() + "\" --out \"" + place.out.string() +
              "\" | true; while ! test -e \"" + place.out.string() + "\"; do sleep 0.05; done")
            .code == 0);
  CHECK(place.entries() == 2);
}

TEST_CASE("a command line that cannot be used ends with exit code 2 and says what can") {
  CHECK(straggle("").code == 2);
  CHECK_THAT(straggle("").output, Contains("usage"));
  CHECK(straggle("--help").code == 0);
  CHECK(straggle("run --help").code == 0);
  CHECK_THAT(straggle("rnu x").output, Contains("commands: run, sweep"));
  CHECK(straggle("rnu x").code == 2);
  CHECK(straggle("run").code == 2);
  CHECK(straggle("run a b").code == 2);
  CHECK(straggle("run a --thread 2").code == 2);  // no guessing of abbreviated options
  CHECK(straggle("run a --threads two").code == 2);
  CHECK_THAT(straggle("bench --set /seeds=[1]").output, Contains("no file is given"));
}

TEST_CASE("the option --overwrite replaces an earlier result, and only a whole one") {
  const Workplace place;
  REQUIRE(place.run().code == 0);
  const auto before = contents(place.out);
  place.write("{}");
  CHECK(place.run("--overwrite").code == 2);
  CHECK(contents(place.out) == before);
  place.write(with(Workplace::document(), {{"/stop/local_steps", "80"}}).dump());
  CHECK(place.run("--overwrite").code == 0);
  CHECK(contents(place.out) != before);
  CHECK(place.entries() == 2);
  // A directory that holds something else, and one that holds the working directory, are left alone.
  place.write(Workplace::document().dump());
  const TempDirectory other;
  other.write("precious.txt", "x");
  const Outcome foreign =
      straggle("run \"" + place.file.string() + "\" --overwrite --out \"" + other.path().string() + "\"");
  CHECK(foreign.code == 2);
  CHECK_THAT(foreign.output, Contains("holds no earlier result"));
  CHECK(fs::exists(other.path() / "precious.txt"));
  const Outcome inside = shell("cd \"" + place.out.string() + "\" && \"" + straggle_binary() + "\" run \"" +
                               place.file.string() + "\" --overwrite --out ../out");
  CHECK(inside.code == 2);
  CHECK_THAT(inside.output, Contains("holds the working directory"));
}

TEST_CASE(
    "weights of another type are converted and weights that are not finite refused, and check, run and sweep say so") {
  const Workplace first(
      with(Workplace::document(), {{"/save_weights", "true"}, {"/seeds", "[1]"}, {"/stop/local_steps", "20"}}));
  REQUIRE(first.run("--quiet").code == 0);
  models::Complaints wrong("final.safetensors", "a test's weights");
  models::SafetensorsFile in(first.out / "diloco/1/final.safetensors", wrong);
  const fs::path file = first.scratch.path() / "wide.safetensors";
  const auto write_wide = [&](double added) {  // in F64, one number changed
    std::vector<std::vector<double>> wide;
    std::vector<models::TensorBytes> tensors;
    for (const auto& [name, entry] : in.tensors()) {
      std::vector<float> values((entry.end - entry.begin) / sizeof(float));
      REQUIRE(in.read(entry, std::as_writable_bytes(std::span(values))));
      wide.emplace_back(values.begin(), values.end())[1] += added;
      tensors.push_back({name, "F64", entry.shape, {}});
    }
    for (size_t i = 0; i < wide.size(); ++i) tensors[i].bytes = std::as_bytes(std::span(wide[i]));
    models::write_safetensors(file, tensors, {});
    return std::to_string(tensors.size());
  };
  const experiments::Json start = {{"kind", "weights"}, {"file", file.string()}};
  const Workplace place(
      with(Workplace::document(), {{"/start", start.dump()}, {"/seeds", "[1]"}, {"/stop/local_steps", "20"}}));
  const std::string note =
      "straggle: note: " + file.string() + ": " + write_wide(0) + " tensors of dtype F64 converted to F32";
  const std::string check = "check \"" + place.file.string() + "\"",
                    sweep = "sweep \"" + place.file.string() + "\" --quiet --out \"" +
                            (place.scratch.path() / "sweep").string() +
                            "\" --set '/sweep={\"axes\": [{\"name\": \"H\", "
                            "\"pointer\": \"/local_steps/steps\", \"values\": [5]}]}'";
  CHECK_THAT(straggle(check).output, Contains(note));
  CHECK_THAT(place.run("--quiet").output, Contains(note));
  CHECK_THAT(straggle(sweep).output, Contains(note));
  fs::remove_all(place.scratch.path() / "sweep");
  fs::remove_all(place.out);

  write_wide(std::nan(""));
  for (const std::string& command :
       {check, sweep, "run \"" + place.file.string() + "\" --out \"" + place.out.string() + "\""}) {
    const Outcome outcome = straggle(command);
    INFO(outcome.output);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.output, Contains("tensor \"embed.weight\" is nan at [0,1]"));
  }
  CHECK_FALSE(fs::exists(place.scratch.path() / "sweep" / "runs"));
  CHECK_FALSE(fs::exists(place.out));
}
