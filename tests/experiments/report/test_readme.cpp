#include <cstdlib>
#include <fstream>

#include "experiments/config/json_reader.h"
#include "experiments/config/parse.h"
#include "experiments/report/format.h"
#include "experiments/report/path_text.h"
#include "experiments/report/read_results.h"
#include "experiments/report/summary.h"
#include "experiments/report/writers.h"
#include "experiments/run/build.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"

// README.md shows what `straggle run` printed of the quickstart with three seeds. readme_runs.json keeps of those runs
// what the table is made of. To take it from other results, and then the README's table from what fails here:
//   STRAGGLE_README=results/three-seeds build/straggle_tests "README's table*"

using namespace experiments;

namespace {

const std::string kRuns = source_dir() + "/tests/experiments/report/readme_runs.json";

Json counters_json(const Counters& c) {
  return {c.server_updates, c.local_steps, c.tokens, c.time.time_since_epoch().count()};
}
Counters counters_of(const Json& j) {
  return {.server_updates = j[0],
          .local_steps = j[1],
          .tokens = j[2],
          .time = sim::Time{sim::Duration{j[3].get<int64_t>()}}};
}

Json json_of(const RunLog& run) {
  Json evaluations = Json::array(), compute = Json::array();
  for (const Evaluation& e : run.evaluations) evaluations.push_back({counters_json(e.at), e.loss});
  for (const WorkerUse& use : run.workers) compute.push_back(use.compute.count());
  return {{"method", run.method},
          {"seed", run.seed},
          {"bytes_per_token", run.bytes_per_token},
          {"guessing_loss", run.guessing_loss},
          {"longest_round", run.longest_round},
          {"final", counters_json(run.final)},
          {"compute", compute},
          {"evaluations", evaluations}};
}

RunLog run_of(const Json& j) {
  RunLog run;
  run.method = j.at("method");
  run.seed = j.at("seed");
  run.bytes_per_token = j.at("bytes_per_token");
  run.guessing_loss = j.at("guessing_loss");
  run.longest_round = j.at("longest_round");
  run.final = counters_of(j.at("final"));
  for (const Json& compute : j.at("compute")) run.workers.push_back({.compute = sim::Duration{compute.get<int64_t>()}});
  for (const Json& e : j.at("evaluations")) run.evaluations.push_back({counters_of(e[0]), e[1], {}});
  return run;
}

/// The runs as far as their clocks know them.
std::vector<RunLog> clocks() {
  const std::string file = source_dir() + "/experiments/catalog/quickstart.json";
  std::vector<RunLog> runs;
  for (const MethodConfig& method : parse_experiment(parse_json(read_text(file), file), file).methods)
    for (const uint64_t seed : {1, 2, 3}) {
      sim::ClockParts parts = build_clock(method.run, seed);
      runs.push_back(joined(sim::run_clock(parts), {}));
      runs.back().method = method.name;
    }
  return runs;
}

}  // namespace

TEST_CASE("README's table is what run printed, to the digit") {
  if (const char* results = std::getenv("STRAGGLE_README")) {
    std::string text = "[\n";
    const auto runs = read_results(results).runs;
    for (size_t i = 0; i < runs.size(); ++i) text += json_of(runs[i]).dump() + (i + 1 < runs.size() ? ",\n" : "\n]\n");
    std::ofstream(kRuns) << text;
  }
  std::vector<RunLog> runs;
  for (const Json& run : parse_json(read_text(kRuns), kRuns)) runs.push_back(run_of(run));
  const ComparisonSummary summary = summarise("quickstart", "DiLoCo", runs);
  const std::string readme = read_text(source_dir() + "/README.md");
  CHECK_THAT(readme, Catch::Contains("```\n" + terminal_table(summary, 200) + late_lines(clocks(), 0) + "```"));
  const Estimate below = summary.methods.at(2).loss_difference.value();
  CHECK_THAT(readme,
             Catch::Contains("ends " + fixed(-below.mean, 3) + " ±" + fixed(below.half_width, 3) + " below DiLoCo"));
}
