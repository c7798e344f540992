#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "experiments/config/experiment_config.h"
#include "experiments/run/resources.h"
#include "experiments/run/run_log.h"

namespace experiments {

/// Watches a comparison; can change nothing. Called from several threads at once; what it throws ends the comparison.
class ComparisonObserver {
 public:
  virtual ~ComparisonObserver() = default;
  virtual void pretraining(size_t method, uint64_t seed, int64_t step, double loss) = 0;
  virtual void progress(size_t method, uint64_t seed, const Counters&, std::optional<double> loss) = 0;
  virtual void finished(size_t method, uint64_t seed, const RunLog&) = 0;
};

/// Where one method's run with one seed leaves its files: <directory>/<method>/<seed>.
std::filesystem::path run_directory(const std::filesystem::path& directory, const std::string& method, uint64_t seed);

/// Loads and checks all that the runs read (text, shards, weights), so that bad input shows before anything is trained.
void prepare(const ExperimentConfig&, Resources&);

/// Every method with every seed, several at a time, all on the resources' pool. Returns the logs by method, then seed.
/// With `save_weights` set, initial and final parameters go into the run's directory below `directory`.
std::vector<RunLog> run_comparison(const ExperimentConfig&, Resources&, const std::filesystem::path& directory,
                                   ComparisonObserver&);

}  // namespace experiments
