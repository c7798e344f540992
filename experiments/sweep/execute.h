#pragma once
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "experiments/run/comparison.h"
#include "experiments/run/shared_inputs.h"
#include "experiments/sweep/plan.h"
#include "experiments/sweep/store.h"

namespace experiments {

/// Watches runs; can change nothing. `run` is an index into the runs being executed. Called from several threads at
/// once; what it throws ends all of them (it is no failure of a run).
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void pretraining(size_t run, int64_t step, double loss) = 0;
  virtual void progress(size_t run, const Counters&, std::optional<double> loss) = 0;
  virtual void finished(size_t run, const RunLog&) = 0;
  virtual void failed(size_t run, const std::string& message) = 0;
  /// Something is amiss that does not end the run.
  virtual void warning(size_t run, const std::string& message) = 0;
};

/// Trains `runs` (of `plan`), `jobs` at a time on the inputs' pool, and keeps each in the store as it ends. A run that
/// throws is recorded as failed and the others go on, but for OutputError, a disk's failure, which ends all. One that
/// is stopped leaves a checkpoint in the store, from which it goes on the next time.
void execute_sweep(const SweepPlan& plan, const std::vector<PlannedRun>& runs, size_t jobs, const RunStore& store,
                   SharedInputs& inputs, RunObserver& observer);

struct ComparisonOptions {
  std::optional<int64_t> most_updates;  ///< ends every run after so many
  /// How often, in real time, each run makes a checkpoint, in `checkpoint` in its directory, and goes on from the one
  /// it finds there; none: never.
  std::optional<std::chrono::milliseconds> checkpoint_every;
};

/// The same for a comparison's plan, whole: its records need the logs of all runs, so these stay in memory, and a run
/// that has ended keeps a checkpoint, from which it comes back. With `save_weights` set, initial and final parameters
/// go into the run's directory below `directory`. If no method is left whole, the first one's exception is thrown.
/// Throws OtherExperiment for a checkpoint of another run.
Comparison execute_comparison(const SweepPlan& plan, const std::filesystem::path& directory, SharedInputs& inputs,
                              RunObserver& observer, const ComparisonOptions& options);

}  // namespace experiments
