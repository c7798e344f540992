#include <set>

#include "experiments/run/comparison.h"
#include "experiments/run/run_key.h"
#include "experiments/sweep/plan.h"
#include "tests/experiments/sweep/sweep_place.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"

using namespace experiments;
using tests::SweepPlace;
using tiny::with;

namespace {

SweepPlan plan(const Json& document) { return plan_sweep(expand_sweep(document, "f"), "f"); }

std::string key(const Json& document, uint64_t seed = 1) {
  const ExperimentConfig experiment = parse_experiment(document, source_dir() + "/experiments/f");
  return RunKeys().key(experiment.methods[0].run, seed);
}

}  // namespace

TEST_CASE("a run's key follows every setting and the seed, and nothing else") {
  const Json base = tiny::document();
  CHECK(key(base) == key(base));
  CHECK(key(base, 1) != key(base, 2));
  CHECK(key(with(base, {{"/local/batch_size", "3"}})) != key(base));
  CHECK(key(with(base, {{"/name", "\"other\""}, {"/description", "\"x\""}, {"/methods/0/name", "\"N\""}})) ==
        key(base));
  // A default written out is the same run.
  CHECK(key(with(base, {{"/outer/momentum", "0.9"}})) == key(base));
}

TEST_CASE("a run's key follows the corpus's content, not its place") {
  const TempDirectory one, two;
  for (const TempDirectory* place : {&one, &two}) place->write("a.txt", "some text");
  const auto at = [](const TempDirectory& place) {
    return key(with(tiny::document(), {{"/data/corpus", Json(place.path().string()).dump()}}));
  };
  CHECK(at(one) == at(two));
  two.write("a.txt", "some text.");
  CHECK(at(one) != at(two));
}

TEST_CASE("a run's key follows the content of the weights that it starts from") {
  const TempDirectory one, two;
  one.write("w", "1");
  two.write("w", "1");
  const auto at = [](const TempDirectory& place) {
    return key(with(tiny::document(), {{"/start", R"({"kind": "weights", "file": )" +
                                                      Json((place.path() / "w").string()).dump() + "}"}}));
  };
  CHECK(at(one) == at(two));
  two.write("w", "2");
  CHECK(at(one) != at(two));
}

TEST_CASE("points that come to the same run share it") {
  // A grace period does nothing to a barrier.
  const Json document = with(
      SweepPlace::document(),
      {{"/sweep", R"({"axes": [{"name": "grace", "pointer": "/methods/1/policy/seconds", "values": [0, 1, 2]}]})"}});
  const SweepPlan p = plan(document);
  CHECK(p.design.points.size() == 3);
  CHECK(p.runs.size() == 2 + 3 * 2);
  CHECK(p.design.key(0, 0, 1) == p.design.key(2, 0, 1));
  CHECK(p.design.key(0, 1, 1) != p.design.key(2, 1, 1));
}

TEST_CASE("a comparison's plan is a sweep's without axes, its runs are named by their place, and none is shared") {
  const Json document = with(SweepPlace::document(), {{"/sweep", "null"}, {"/methods/1", R"({"name": "A B"})"}});
  const ExperimentConfig experiment = parse_experiment(document, "f");
  const SweepPlan whole = plan_comparison(experiment);
  REQUIRE(whole.runs.size() == 4);
  CHECK(whole.design.axes.empty());
  std::set<std::string> places;
  for (size_t r = 0; r < whole.runs.size(); ++r) {
    const PlannedRun& run = whole.runs[r];
    places.insert(run.key);
    CHECK(run.seed == experiment.seeds[r / 2]);  // seed by seed, method by method
    CHECK(run.method == r % 2);
    CHECK("out/" + run.key == run_directory("out", experiment.methods[run.method].name, run.seed).string());
  }
  CHECK(places.size() == 4);
  CHECK(whole.text(whole.runs[1]) == "A B, seed 1");
  CHECK(plan(document).runs.size() == 2);  // a sweep trains what is alike once
}

TEST_CASE("the parts of a sweep have every run once, whatever their number") {
  std::vector<PlannedRun> runs(23);
  for (size_t i = 0; i < runs.size(); ++i) runs[i].key = std::to_string(i);
  for (const size_t parts : {1, 2, 3, 7, 23, 40}) {
    std::multiset<std::string> seen;
    size_t most = 0, least = runs.size();
    for (size_t part = 1; part <= parts; ++part) {
      const auto chosen = part_of(runs, part, parts);
      for (const PlannedRun& run : chosen) seen.insert(run.key);
      most = std::max(most, chosen.size());
      least = std::min(least, chosen.size());
    }
    CHECK(seen.size() == runs.size());
    CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == runs.size());
    CHECK(most - least <= 1);
  }
}

TEST_CASE("a design reads back from sweep.json as it was written, beside those of other names") {
  const TempDirectory out;
  const SweepDesign one = plan(SweepPlace::document()).design;
  const SweepDesign two = plan(with(SweepPlace::document(), {{"/name", "\"another\""}, {"/seeds", "[7]"}})).design;
  add_design(out.path(), one);
  add_design(out.path(), two);
  add_design(out.path(), one);
  const auto designs = read_designs(out.path());
  REQUIRE(designs.size() == 2);
  CHECK(to_json(designs[0]) == to_json(two));
  CHECK(to_json(designs[1]) == to_json(one));
  CHECK(designs[1].points[1].settings[0].label == "10");
}
