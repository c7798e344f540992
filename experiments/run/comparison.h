#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "experiments/config/experiment_config.h"
#include "experiments/run/run_log.h"
#include "experiments/run/shared_inputs.h"

namespace experiments {

/// Watches a comparison; can change nothing. Called from several threads at once; what it throws ends the comparison.
class ComparisonObserver {
 public:
  virtual ~ComparisonObserver() = default;
  virtual void pretraining(size_t method, uint64_t seed, int64_t step, double loss) = 0;
  virtual void progress(size_t method, uint64_t seed, const Counters&, std::optional<double> loss) = 0;
  virtual void finished(size_t method, uint64_t seed, const RunLog&) = 0;
  virtual void failed(size_t method, uint64_t seed, const std::string& message) = 0;
  /// Something is amiss that does not end the run.
  virtual void warning(size_t method, uint64_t seed, const std::string& message) = 0;
};

/// Where one method's run with one seed leaves its files: <directory>/<method>/<seed>.
std::filesystem::path run_directory(const std::filesystem::path& directory, const std::string& method, uint64_t seed);

/// Loads and checks all that the runs read (text, shards, weights), so that bad input shows before anything is trained.
void prepare(const ExperimentConfig&, SharedInputs&);

inline constexpr const char* kOutOfMemory = "out of memory: a smaller model, batch or number of workers is needed";

/// A run that ended with an error.
struct RunFailure {
  std::string method;
  uint64_t seed = 0;
  std::string message;
};

struct Comparison {
  std::vector<RunLog> runs;          ///< by method, then seed, of the methods that ran with every seed
  std::vector<RunLog> unpaired;      ///< of methods that failed with another seed
  std::vector<RunFailure> failures;  ///< by method, then seed
};

/// The part of an experiment that was run whole: without the methods that failed, and without its baseline if that did.
ExperimentConfig without_failed(ExperimentConfig, const std::vector<RunFailure>&);

struct ComparisonOptions {
  std::optional<int64_t> most_updates;  ///< ends every run after so many
  /// How often, in real time, each run makes a checkpoint, in `checkpoint` in its directory, and goes on from the one
  /// it finds there; none: never.
  std::optional<std::chrono::milliseconds> checkpoint_every;
};

/// Every method with every seed, several at a time, all on the inputs' pool. With `save_weights` set, initial and
/// final parameters go into the run's directory below `directory`. A run that fails does not take the others down; if
/// no method is left whole, the first one's exception is thrown. Throws OtherExperiment for a checkpoint of another
/// run.
Comparison run_comparison(const ExperimentConfig&, SharedInputs&, const std::filesystem::path& directory,
                          ComparisonObserver&, const ComparisonOptions& = {});

}  // namespace experiments
