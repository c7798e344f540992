// How a run that is stopped, killed or out of disk goes on, and what it leaves.
#include "experiments/run/checkpoint.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"
#include "tests/support/workplace.h"

namespace fs = std::filesystem;
using Catch::Contains;
using experiments::Json;
using tiny::with;

namespace {

Json long_document() {
  return with(Workplace::document(), {{"/stop/local_steps", "4000"}, {"/evaluation/every/local_steps", "500"}});
}

Outcome stopped_after(const std::string& seconds, const std::string& signal, const std::string& command) {
  return shell("timeout --preserve-status --kill-after=20 --signal=" + signal + " " + seconds + " \"" +
               straggle_binary() + "\" run --quiet --checkpoint 0.0005 " + command);
}

/// What goes on with the run where it was ever stopped, and begins it otherwise.
std::string command_for(const Workplace& place) {
  const fs::path partial = place.out.string() + ".partial";
  if (experiments::holds_checkpoint(partial)) return "--resume \"" + place.out.string() + "\"";
  return "\"" + place.file.string() + "\" --out \"" + place.out.string() + "\"";
}

}  // namespace

TEST_CASE("a run interrupted before it has trained anything leaves nothing and says so, whichever signal came") {
  const Workplace place(with(Workplace::document(), {{"/start", R"({"kind": "pretrain", "steps": 100000000})"}}));
  for (const char* signal : {"INT", "TERM", "HUP"}) {
    const Outcome outcome =
        shell(std::string("timeout --preserve-status --kill-after=20 --signal=") + signal + " 0.5 \"" +
              straggle_binary() + "\" run \"" + place.file.string() + "\" --out \"" + place.out.string() + "\"");
    INFO(signal << ": " << outcome.output);
    CHECK(outcome.code == 130);
    CHECK_THAT(outcome.output, Contains("interrupted; nothing was written"));
    CHECK(place.entries() == 1);
  }
}

TEST_CASE("an interrupted run keeps what is done, in long rounds too, and says how to go on", "[threads]") {
  const auto long_run =
      with(Workplace::document(),
           {{"/stop/local_steps", "400000"}, {"/seeds", "[1]"}, {"/evaluation/every/local_steps", "100000"}});
  for (const auto& json :
       {long_run, with(long_run, {{"/stop/local_steps", "2000000"}, {"/local_steps/steps", "1000000"}})}) {
    const Workplace place(json);
    // Interrupted once it has begun to train, however busy the machine is.
    const Outcome outcome =
        shell("{ \"" + straggle_binary() + "\" run --quiet --checkpoint 0.001 \"" + place.file.string() +
              "\" --out \"" + place.out.string() + "\" & until ls \"" + place.out.string() +
              ".partial\"/*/1/checkpoint/state.safetensors >/dev/null 2>&1; do sleep 0.05; done; " +
              "kill -TERM $!; wait $!; }");
    INFO(outcome.output);
    CHECK(outcome.code == 130);
    CHECK_THAT(outcome.output, Contains("interrupted; what is done is kept in " + place.out.string() + ".partial") &&
                                   Contains("straggle run --resume " + place.out.string() + " goes on from there"));
    REQUIRE(place.entries() == 2);
    const Outcome anew = place.run();
    CHECK(anew.code == 2);
    CHECK_THAT(anew.output, Contains("an interrupted run is there; go on with straggle run --resume "));
  }
}

TEST_CASE("a run killed again and again at any moment and resumed leaves what it leaves in one go, byte for byte",
          "[slow]") {
  const Workplace whole(long_document()), place(long_document());
  REQUIRE(whole.run("--quiet").code == 0);
  int stops = 0;
  Outcome outcome{1, ""};
  for (; stops < 300 && outcome.code != 0; ++stops) {
    // Each time another moment, and later and later, so that it comes to its end on the slowest machine.
    const std::string seconds = std::to_string(0.2 + stops * 7 % 50 * 0.01 + 0.03 * stops);
    outcome = stopped_after(seconds, stops % 4 == 3 ? "TERM" : "KILL", command_for(place));
    INFO(outcome.output);
    REQUIRE((outcome.code == 0 || outcome.code == 137 || outcome.code == 130));
    if (outcome.code != 0 && fs::exists(place.out)) {  // killed between the last step and its end
      REQUIRE(!experiments::holds_checkpoint(place.out.string() + ".partial"));
      outcome = straggle("run --resume \"" + place.out.string() + "\"");
    }
    REQUIRE(fs::exists(place.out) == (outcome.code == 0));
  }
  INFO(outcome.output);
  CHECK(outcome.code == 0);
  CHECK(stops > 2);
  CHECK(contents(place.out) == contents(whole.out));
  CHECK(place.entries() == 2);
}

TEST_CASE("a run that cannot write its results keeps what it has trained, and goes on once there is room") {
  const Workplace whole, place;
  REQUIRE(whole.run("--quiet").code == 0);
  // No file may be longer than 150 kB (a shell counts in 512 or 1024 bytes): the report is.
  const Outcome full = shell("(ulimit -f 150; \"" + straggle_binary() + "\" run --quiet --checkpoint 0.001 \"" +
                             place.file.string() + "\" --out \"" + place.out.string() + "\" 2>&1)");
  INFO(full.output);
  CHECK(full.code == 2);
  CHECK_THAT(full.output, Contains("cannot be written") && Contains("what is done is kept in") && Contains("--resume"));
  CHECK(!fs::exists(place.out));
  const Outcome resumed = straggle("run --quiet --resume \"" + place.out.string() + "\"");
  CHECK(resumed.code == 0);
  CHECK(contents(place.out) == contents(whole.out));
  CHECK_THAT(straggle("run --resume \"" + place.out.string() + "\"").output, Contains("is finished; nothing is left"));
}

TEST_CASE("a run whose directory is deleted under it still ends with its results", "[threads]") {
  const Json document = with(long_document(), {{"/stop/local_steps", "2000"}});
  const Workplace whole(document), place(document);
  REQUIRE(whole.run("--quiet").code == 0);
  const std::string partial = "\"" + place.out.string() + ".partial\"";
  const Outcome outcome =
      shell("{ \"" + straggle_binary() + "\" run --quiet --checkpoint 0.002 " + command_for(place) + " & until ls " +
            partial + "/*/1/checkpoint/state.safetensors >/dev/null 2>&1; do sleep " + "0.02; done; rm -rf " + partial +
            "; wait $!; }");
  INFO(outcome.output);
  CHECK(outcome.code == 0);
  CHECK(contents(place.out) == contents(whole.out));
  CHECK(place.entries() == 2);
}

TEST_CASE("what can be resumed, and how, is said", "[slow]") {
  // Longer than any machine needs to see its first checkpoint.
  const Workplace place(
      with(long_document(), {{"/stop/local_steps", "400000"}, {"/evaluation/every/local_steps", "100000"}}));
  const std::string none = "\"" + (place.scratch.path() / "none").string() + "\"";
  CHECK(straggle("run --resume " + none).code == 2);
  CHECK_THAT(straggle("run --resume " + none).output,
             Contains("none.partial: no checkpoint of an interrupted run is there"));
  CHECK_THAT(straggle("run --resume \"" + place.file.string() + "\"").output,
             Contains("is not the finished results of straggle run, and ") &&
                 Contains("tiny.json.partial holds no interrupted run"));
  CHECK_THAT(straggle("run --checkpoint nan x").output, Contains("--checkpoint is nan; allowed: a number above 0"));
  CHECK_THAT(
      straggle("run \"" + place.file.string() + "\" --resume " + none).output,
      Contains("--resume takes the experiment and its place from where it was begun; a file cannot be given too"));
  CHECK_THAT(straggle("run --checkpoint 0 x").output, Contains("--checkpoint is 0; allowed: a number above 0"));

  const fs::path partial = place.out.string() + ".partial";
  shell("{ \"" + straggle_binary() + "\" run --quiet --checkpoint 0.001 " + command_for(place) + " & until ls \"" +
        partial.string() + "\"/*/1/checkpoint/state.safetensors; do sleep 0.05; done; kill -KILL $!; wait; }");
  REQUIRE(experiments::holds_checkpoint(partial));
  const auto changed = [&](const char* file, const char* pointer, const Json& value) {
    Json json = Json::parse(experiments::read_text(partial / file));
    json[Json::json_pointer(pointer)] = value;
    std::ofstream(partial / file) << json.dump();
    const Outcome outcome = straggle("run " + command_for(place));
    CHECK(outcome.code == 2);
    CHECK(experiments::holds_checkpoint(partial));
    return outcome.output;
  };
  SECTION("by another build") {
    CHECK_THAT(changed("identity.json", "/program", "another"), Contains("was begun by another build of straggle"));
  }
  SECTION("with another text") {
    CHECK_THAT(changed("identity.json", "/methods/1/run/data/corpus", "another"),
               Contains("was begun with another experiment: the content of " + source_dir() +
                        "/experiments/data (/methods/1/run/data/corpus) has changed; put that back to go on"));
  }
  SECTION("with another optimizer") {
    CHECK_THAT(changed("experiment.json", "/local/optimizer/beta1", 0.8),
               Contains("/methods/0/run/local/optimizer/beta1: 0.9 is stored, 0.8 was found"));
  }
  SECTION("with another evaluation") {
    CHECK_THAT(changed("experiment.json", "/evaluation/windows", 3),
               Contains("/methods/0/run/evaluation/windows: 2 is stored, 3 was found"));
  }
  SECTION("with more seeds") {
    CHECK_THAT(changed("experiment.json", "/seeds", Json{1, 2, 3}),
               Contains("/experiment/seeds: 2 items is stored, 3 was found"));
  }
  SECTION("thrown away") {
    const Outcome outcome = place.run("--quiet --overwrite --set /stop/local_steps=40");
    INFO(outcome.output);
    CHECK(outcome.code == 0);
    CHECK(place.entries() == 2);
  }
  SECTION("by two at a time") {
    const Outcome outcome =
        shell("{ \"" + straggle_binary() + "\" run --quiet " + command_for(place) + " >/dev/null & sleep 0.3; \"" +
              straggle_binary() + "\" run --quiet " + command_for(place) + "; code=$?; kill $!; wait; exit $code; }");
    CHECK_THAT(outcome.output, Contains("another straggle run is writing there"));
  }
}

TEST_CASE(
    "finished results that are damaged are said to be, file by file, and made again by the command that resumes them") {
  const Workplace place;
  REQUIRE(place.run("--quiet").code == 0);
  const std::string resume = "run --quiet --resume \"" + place.out.string() + "\"";
  const std::string verify = "verify --files \"" + place.out.string() + "\"";
  const auto whole = contents(place.out);
  CHECK(straggle(verify).code == 0);
  for (const char* name : {"summary.csv", "diloco/1/summary.json", "charts/wall_clock.dat"}) {
    INFO(name);
    fs::resize_file(place.out / name, 0);
    if (std::string(name) == "summary.csv") fs::remove(place.out / "timeline.json");
    const Outcome checked = straggle(verify);
    CHECK(checked.code == 1);
    CHECK_THAT(checked.output, Contains((place.out / name).string() + ": has 0 bytes; "));
    const Outcome again = straggle(resume);
    INFO(again.output);
    CHECK(again.code == 0);
    CHECK_THAT(again.output, Contains((place.out / name).string() + ": has 0 bytes; ") && Contains("all is run again"));
    CHECK(contents(place.out) == whole);
    CHECK(straggle(verify).code == 0);
    CHECK(place.entries() == 2);
  }
  CHECK_THAT(straggle(resume).output, Contains("is finished; nothing is left to resume"));
  std::ofstream(place.out / "notes.txt") << "mine";
  CHECK_THAT(straggle(verify).output, Contains("notes.txt: is not listed"));
  CHECK_THAT(straggle(resume).output, Contains("is finished"));
  fs::remove(place.out / "notes.txt");
  REQUIRE(straggle("report \"" + place.out.string() + "\"").code == 0);  // what straggle itself changes is listed again
  CHECK(straggle(verify).code == 0);

  fs::resize_file(place.out / "experiment.json", 0);
  const Outcome lost = straggle(resume);
  CHECK(lost.code == 2);
  CHECK_THAT(lost.output, Contains("experiment.json: has 0 bytes; ") && Contains("--overwrite makes it again"));
  REQUIRE(place.run("--quiet --overwrite").code == 0);
  CHECK(contents(place.out) == whole);

  fs::remove(place.out / "files.json");  // an older version's
  CHECK_THAT(straggle(resume).output, Contains("is finished") && Contains("an older version made it"));
  CHECK(straggle(verify).code == 2);
  fs::resize_file(place.out / "diloco/1/summary.json", 0);
  CHECK_THAT(straggle(resume).output, Contains("diloco/1/summary.json: line 1, column 1: not valid JSON"));
}

TEST_CASE("a run that needs more memory than there is does not begin") {
  const Workplace place(with(Workplace::document(), {{"/model/width", "65536"}, {"/model/heads", "64"}}));
  const Outcome outcome = place.run("--threads 1");
  CHECK(outcome.code == 2);
  // 12·65536² parameters, 206 GB. Two runs at a time: DiLoCo with θ, m, two moments and a pseudo-gradient for each of
  // four workers, and a step's θ and gradient, 16 vectors; DN + DyLU with one more on the server and one
  // pseudo-gradient, 14.
  CHECK_THAT(outcome.output, Contains("training needs at least 7.4 TB of memory (") && Contains(" are available; "));
  CHECK(place.entries() == 1);
}
