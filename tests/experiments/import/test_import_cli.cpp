#include <filesystem>

#include "experiments/config/json_file.h"
#include "tests/experiments/import/imported.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"

using Catch::Matchers::Contains;
using tests::Json;

namespace {

std::string steps(int count) {
  std::string text;
  for (int n = 0; n < count; ++n) text += std::to_string(1.0 + 0.1 * (n % 3)) + "\n";
  return text;
}

}  // namespace

TEST_CASE("import writes a cluster whole into a new or an empty directory, and nothing where it fails") {
  const TempDirectory here;
  const std::string zone = here.write("zone.json", R"({"metadata": {"gap_seconds": 60}, "data": [2, 1, 2]})").string(),
                    out = (here.path() / "cluster").string();
  const Outcome made = straggle("import skypilot " + zone + " --out " + out);
  CHECK(made.code == 0);
  CHECK_THAT(made.output, Contains("2 workers over 180 s") && Contains(out + "/cluster.json"));
  const Json cluster = experiments::parse_json(here.read("cluster/cluster.json"), "cluster.json");
  CHECK(cluster["source"] == "straggle import skypilot " + zone);
  CHECK_THAT(cluster["description"].get<std::string>(), Contains("up-share 0.833"));
  CHECK(cluster["availability_trace"] == "availability.csv");
  CHECK(here.read("cluster/availability.csv") == "time,worker,state\n0,0,up\n0,1,up\n60,1,down\n120,1,up\n");
  const Outcome again = straggle("import skypilot " + zone + " --out " + out);
  CHECK(again.code == 2);
  CHECK_THAT(again.output, Contains("exists already"));
  std::filesystem::create_directory(here.path() / "empty");
  CHECK(straggle("import skypilot " + zone + " --out " + (here.path() / "empty").string()).code == 0);
  const std::string bad = here.write("bad.json", R"({"metadata": {"gap_seconds": 60}, "data": [2, -1]})").string();
  const Outcome refused = straggle("import skypilot " + bad + " --out " + (here.path() / "none").string());
  CHECK(refused.code == 2);
  CHECK_THAT(refused.output, Contains("bad.json: /data/1 is the number -1"));
  for (const auto& entry : std::filesystem::directory_iterator(here.path()))
    CHECK_FALSE(entry.path().filename().string().starts_with("none"));
}

TEST_CASE("import and calibrate tell what they want") {
  const TempDirectory here;
  const std::string log = here.write("a.log", steps(40)).string(), out = " --out " + (here.path() / "o").string();
  const auto says = [](const std::string& arguments, const std::string& what) {
    const Outcome outcome = straggle(arguments);
    INFO(arguments);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.output, Contains(what));
  };
  says("import", "usage: straggle import KIND FILE");
  says("import skypilot" + out, "no file of kind skypilot");
  says("import skypilt " + log + out, "\"skypilt\" is unknown; kinds: skypilot, bamboo,");
  says("import skypilot " + log, "usage: straggle import KIND FILE");
  says("import steps " + log + out + " --server a", "--server says nothing to steps; its options: after");
  says("import links " + log + out + " --seconds-per-step 0", "--seconds-per-step is 0; allowed: above 0");
  says("calibrate", "usage: straggle calibrate LOG");
  says("calibrate " + log + " --log dates", "--log \"dates\" is unknown; values: auto, durations, times, steps");
  says("calibrate " + log + " --steps 0", "--steps is 0; allowed: from 1");
  says("calibrate " + log + " --windows 0", "--windows is 0; allowed: from 0.001");
  CHECK_THAT(straggle("import --help").output, Contains("torch-profiler") && Contains("--seconds-per-step"));
  CHECK_THAT(straggle("--help").output, Contains("import KIND FILE...") && Contains("calibrate LOG..."));
}

TEST_CASE("calibrate prints its tables, and writes a cluster that an experiment takes, with pictures") {
  const TempDirectory here;
  const std::string log = here.write("a.log", steps(300)).string(), out = (here.path() / "o").string();
  const Outcome printed = straggle("calibrate " + log);
  CHECK(printed.code == 0);
  CHECK_THAT(printed.output, Contains("seconds") && Contains("1.10") && Contains("rounds of 20 steps") &&
                                 Contains("lines are taken as durations"));
  CHECK_FALSE(std::filesystem::exists(out));
  const Outcome written = straggle("calibrate " + log + " --out " + out);
  CHECK(written.code == 0);
  const Json cluster = experiments::parse_json(here.read("o/cluster.json"), "cluster.json");
  CHECK(cluster["workers"].size() == 1);
  Json document = tiny::document();
  document.erase("workers");
  document["cluster"] = out + "/cluster.json";
  CHECK(tiny::run_of(document).worker_count() == 1);
  if (has_gnuplot()) {
    CHECK_THAT(here.read("o/steps.svg"), Contains("seconds per step"));
    CHECK_THAT(here.read("o/rounds.svg"), Contains("a round of 20 steps (s)"));
  }
}
