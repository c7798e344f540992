#pragma once
#include <filesystem>
#include <vector>

#include "experiments/config/experiment_config.h"
#include "experiments/report/read_run.h"
#include "experiments/run/comparison.h"

namespace experiments {

/// A results directory, as `straggle run` leaves it.
struct Results {
  std::filesystem::path directory;
  Json document;  ///< experiment.json
  Json manifest;
  ExperimentConfig experiment;  ///< what the document describes, without the methods that failed
  std::vector<RunFailure> failures;
  std::vector<RunLog> runs;  ///< by method, then seed, in the experiment's order; without spans
};
/// Throws InvalidResults for anything missing or broken, InvalidConfig for a broken experiment.json.
Results read_results(const std::filesystem::path& directory);

/// Fills in `log.spans` and the stretches of its path, which are not stored: the clock of the run is run again, without
/// learning. Throws InvalidResults when that clock ends at another time than the log's, as another version's might:
/// then what was recorded cannot be told span by span.
void derive_spans(const RunConfig&, RunLog& log);
/// The same for all runs.
void derive_spans(Results&);

}  // namespace experiments
