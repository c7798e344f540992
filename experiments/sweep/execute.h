#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "experiments/run/comparison.h"
#include "experiments/run/single_run.h"
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

/// Where one run's files go while it is trained, and what becomes of it then.
struct RunPlace {
  TrainOptions how;  ///< its checkpoints' identity and warnings come from execute()
  std::function<void(const std::shared_ptr<RunLog>&)> keep;
  std::function<void(const std::string& message)> keep_failure;  ///< within the handler of its exception
};

/// Trains `runs` (of `plan`), `jobs` at a time on the inputs' pool, each at its place. A run that throws has failed
/// and the others go on, but for OutputError, a disk's failure, which ends all: those under way leave their
/// checkpoints.
void execute(const SweepPlan& plan, const std::vector<PlannedRun>& runs, size_t jobs,
             const std::function<RunPlace(size_t run)>& place_of, SharedInputs& inputs, RunObserver& observer);

/// execute() into the store: each run is kept as it ends. One that is stopped leaves a checkpoint there, from which it
/// goes on the next time.
void execute_sweep(const SweepPlan& plan, const std::vector<PlannedRun>& runs, size_t jobs, const RunStore& store,
                   SharedInputs& inputs, RunObserver& observer);

struct ComparisonOptions {
  std::optional<int64_t> most_updates;  ///< ends every run after so many
  /// How often, in real time, each run makes a checkpoint, in `checkpoint` in its directory, and goes on from the one
  /// it finds there; none: never.
  std::optional<std::chrono::milliseconds> checkpoint_every;
};

/// execute() for a comparison's plan, whole. Records need the logs of all runs (a seed's target is its lowest loss), so
/// they stay in memory; a run that has ended keeps a checkpoint, from which it comes back. With `save_weights` set,
/// initial and final parameters go into the run's directory below `directory`. If no method is left whole, the first
/// one's exception is thrown. Throws OtherExperiment for a checkpoint of another run.
Comparison execute_comparison(const SweepPlan& plan, const std::filesystem::path& directory, SharedInputs& inputs,
                              RunObserver& observer, const ComparisonOptions& options = {});

}  // namespace experiments
