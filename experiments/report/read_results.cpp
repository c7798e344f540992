#include "experiments/report/read_results.h"

#include <algorithm>

#include "experiments/config/parse.h"
#include "experiments/run/build.h"

namespace experiments {

namespace fs = std::filesystem;

Results read_results(const fs::path& directory) {
  std::error_code error;
  if (!fs::exists(directory, error))
    throw InvalidResults(directory.string() + ": does not exist; expected a results directory of straggle run");
  if (!fs::is_directory(directory, error))
    throw InvalidResults(directory.string() + ": is a file; expected a results directory of straggle run");
  if (fs::exists(directory / "sweep.json", error) && !fs::exists(directory / "experiment.json", error))
    throw InvalidResults(directory.string() +
                         ": holds a sweep, which straggle plot draws; expected a results directory of straggle run");
  Results results;
  results.directory = directory;
  results.document = read_json(directory / "experiment.json");
  results.manifest = read_json(directory / "manifest.json");
  const ExperimentConfig whole = parse_experiment(results.document, directory / "experiment.json");
  for (const MethodConfig& method : whole.methods)
    for (const uint64_t seed : whole.seeds)
      if (const fs::path file = run_directory(directory, method.name, seed) / "error.json"; fs::exists(file, error)) {
        const Json failure = read_json(file);
        const bool told = failure.is_object() && failure.contains("message") && failure["message"].is_string();
        results.failures.push_back({method.name, seed, told ? failure["message"].get<std::string>() : "unknown"});
      }
  results.experiment = without_failed(whole, results.failures);
  if (results.experiment.methods.empty()) throw InvalidResults(directory.string() + ": every method failed");
  for (const MethodConfig& method : results.experiment.methods) {
    for (const uint64_t seed : results.experiment.seeds) {
      const fs::path place = run_directory(directory, method.name, seed);
      results.runs.push_back(read_run(place));
      RunLog& log = results.runs.back();
      log.names = worker_names(method.run);
      if (log.method != method.name || log.seed != seed)
        throw InvalidResults((place / "summary.json").string() + ": is of method \"" + log.method + "\", seed " +
                             std::to_string(log.seed) + "; here belongs \"" + method.name + "\", seed " +
                             std::to_string(seed));
    }
  }
  return results;
}

void derive_spans(const RunConfig& config, RunLog& log) {
  sim::ClockParts parts = build_clock(config, log.seed);
  // The clock knows no losses, so it is told where the run broke off.
  if (log.diverged || config.stop.loss)
    parts.stop.time = std::min(log.final.time, parts.stop.time.value_or(log.final.time));
  sim::ClockLog clock = sim::run_clock(parts);
  if (clock.final.time != log.final.time || clock.workers.size() != log.workers.size())
    throw InvalidResults(
        "the clock of \"" + log.method + "\", seed " + std::to_string(log.seed) + ", ends at " +
        std::to_string(sim::to_seconds(clock.final.time)) + " s when run again, but its results end at " +
        std::to_string(sim::to_seconds(log.final.time)) + " s: they were made by another version, or changed");
  log.spans = std::move(clock.spans);
  log.path = std::move(clock.path);
}

void derive_spans(Results& results) {
  const size_t seeds = results.experiment.seeds.size();
  for (size_t r = 0; r < results.runs.size(); ++r)
    derive_spans(results.experiment.methods[r / seeds].run, results.runs[r]);
}

}  // namespace experiments
