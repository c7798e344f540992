// What becomes of output that nobody can take, and of input that never ends.
#include <sys/stat.h>

#include <filesystem>

#include "tests/experiments/sweep/sweep_place.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"
#include "tests/support/workplace.h"

namespace fs = std::filesystem;
using Catch::Contains;
using tiny::with;

namespace {

/// Results of one small run, and of a sweep.
struct Made {
  Workplace place{with(Workplace::document(), {{"/stop/local_steps", "40"}, {"/seeds", "[1]"}})};
  tests::SweepPlace sweep{with(tests::SweepPlace::document(), {{"/stop/local_steps", "20"}, {"/seeds", "[1]"}})};
  std::string out = "\"" + place.out.string() + "\"", file = "\"" + place.file.string() + "\"";

  Made() {
    REQUIRE(place.run("--quiet").code == 0);
    REQUIRE(sweep.sweep().code == 0);
  }
};

Outcome within_seconds(const std::string& arguments) {
  return shell("timeout 20 \"" + straggle_binary() + "\" " + arguments);
}

}  // namespace

TEST_CASE("what is printed onto a full disk is missed: exit code 1 and a message") {
  const Made made;
  const std::string sweep = "\"" + made.sweep.file.string() + "\" --out \"" + made.sweep.out.string() + "\"";
  for (const std::string& command :
       {"check " + made.file, "run " + made.file + " --dry-run", std::string("format"), std::string("schema"),
        std::string("--help"), std::string("run --help"), std::string("version"), "plot " + made.out,
        "verify --quiet " + made.out, "report " + made.out, "timeline " + made.out,
        "tensorboard --overwrite " + made.out, "run --resume " + made.out, "sweep --list " + sweep,
        "sweep --parallel " + sweep, "sweep --slurm --dry-run " + sweep, "sweep " + sweep,
        "collect \"" + made.sweep.out.string() + "\"", "bench --seconds 0.01 " + made.file}) {
    const Outcome outcome = shell("{ \"" + straggle_binary() + "\" " + command + " > /dev/full; }");
    INFO(command << "\n" << outcome.output);
    CHECK(outcome.code == 1);
    CHECK_THAT(outcome.output, Contains("straggle: what was to be printed is lost, in part or whole: "));
  }
  CHECK_THAT(shell("{ \"" + straggle_binary() + "\" version > /dev/full; }").output,
             Contains("No space left on device"));
}

TEST_CASE("a reader that goes away leaves no message") {
  for (const char* command : {"format", "schema", "--help"}) {
    const Outcome outcome = shell("{ \"" + straggle_binary() + "\" " + command + " | true; }");
    CHECK(outcome.code == 0);
    CHECK(outcome.output == "");
  }
  // A run notes signals, so it sees an error where the others are ended by one.
  const Workplace place(with(Workplace::document(), {{"/stop/local_steps", "40"}, {"/seeds", "[1]"}}));
  const Outcome outcome = shell("{ { sleep 0.2; \"" + straggle_binary() + "\" run \"" + place.file.string() +
                                "\" --out \"" + place.out.string() + "\"; echo \"code $?\" >&2; } | true; }");
  CHECK_THAT(outcome.output, Contains("code 0") && !Contains("lost"));
}

TEST_CASE("no file of the results takes the place of a standard stream that was closed") {
  const auto document = with(Workplace::document(), {{"/stop/local_steps", "40"}, {"/seeds", "[1]"}});
  const Workplace place(document), closed(document);
  REQUIRE(place.run().code == 0);
  const Outcome outcome = shell("{ \"" + straggle_binary() + "\" run \"" + closed.file.string() + "\" --out \"" +
                                closed.out.string() + "\" >&- <&-; }");
  INFO(outcome.output);
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.output, Contains("what was to be printed is lost, in part or whole: "));
  CHECK(contents(closed.out) == contents(place.out));
}

TEST_CASE("a pipe, a device or a directory where a file should be is refused by name and waited for by nobody",
          "[slow]") {
  const auto refused = [](const std::string& command, const fs::path& file, const std::string& what) {
    const Outcome outcome = within_seconds(command);
    INFO(command << "\n" << outcome.output);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.output, Contains(file.filename().string()) && Contains(what));
  };
  /// The three in turn at the file's place; the file is put back.
  const auto at = [&](const fs::path& file, const std::vector<std::string>& commands) {
    const fs::path kept = file.string() + ".kept";
    const bool there = fs::exists(file);
    if (there) fs::rename(file, kept);
    for (const std::string& command : commands) {
      REQUIRE(mkfifo(file.c_str(), 0600) == 0);
      refused(command, file, "is not a regular file but a pipe");
      fs::remove(file);
      fs::create_symlink("/dev/zero", file);
      refused(command, file, "is not a regular file but a device");
      fs::remove(file);
      fs::create_directory(file);
      refused(command, file, "is a directory");
      fs::remove(file);
    }
    if (there) fs::rename(kept, file);
  };
  const auto commands = [](const fs::path& file) {
    std::vector<std::string> all;
    for (const char* command : {"check ", "run ", "sweep "}) all.push_back(command + ("\"" + file.string() + "\""));
    return all;
  };

  SECTION("the experiment") {
    const Workplace place;
    at(place.file, commands(place.file));
    at(place.file, {"bench \"" + place.file.string() + "\"", "run --dry-run \"" + place.file.string() + "\""});
  }
  SECTION("weights, a tokenizer's model, a trace") {
    const Workplace weights(
        with(Workplace::document(), {{"/start", R"({"kind": "weights", "file": "w.safetensors"})"}}));
    at(weights.scratch.path() / "w.safetensors", commands(weights.file));
    const Workplace tokenizer(
        with(Workplace::document(),
             {{"/data/tokenizer", R"({"kind": "sentencepiece", "model": "t.model", "vocabulary": 400})"},
              {"/model/vocabulary", "400"}}));
    at(tokenizer.scratch.path() / "t.model", commands(tokenizer.file));
    const Workplace trace(
        with(Workplace::document(), {{"/workers/0/speed", R"({"kind": "traced", "file": "s.csv"})"}}));
    const fs::path file = trace.scratch.path() / "s.csv";
    REQUIRE(mkfifo(file.c_str(), 0600) == 0);
    for (const std::string& command : commands(trace.file)) refused(command, file, "is not a regular file");
  }
  SECTION("a plan of reproduction") {
    const TempDirectory folder;
    const fs::path plan = folder.path() / "plan.json";
    const std::string rest = "\" \"" + folder.path().string() + "\" --out \"" + (folder.path() / "p.md").string();
    at(plan, {"reproduction \"" + plan.string() + rest + "\""});
  }
  SECTION("inside results") {
    const Made made;
    for (const char* name : {"experiment.json", "manifest.json", "diloco/1/summary.json", "diloco/1/updates.jsonl"})
      at(made.place.out / name, {"report " + made.out});
    at(made.place.out / "diloco/1/metrics.jsonl",
       {"plot " + made.out, "timeline " + made.out, "tensorboard " + made.out, "verify " + made.out});
    const std::string sweep = "\"" + made.sweep.out.string() + "\"";
    at(made.sweep.out / "sweep.json", {"plot " + sweep, "collect " + sweep});
    const fs::path run = fs::directory_iterator(made.sweep.out / "runs")->path();
    // A run that is not whole counts for nothing, and is named.
    for (const std::string& command : {"plot --y loss --x H " + sweep, "collect " + sweep}) {
      fs::remove(run / "metrics.jsonl");
      REQUIRE(mkfifo((run / "metrics.jsonl").c_str(), 0600) == 0);
      const Outcome outcome = within_seconds(command);
      INFO(command << "\n" << outcome.output);
      CHECK_THAT(outcome.output, Contains("metrics.jsonl: is not a regular file but a pipe: damaged"));
    }
  }
}
