#pragma once
#include <string>
#include <vector>

#include "experiments/run/shared_inputs.h"
#include "experiments/sweep/plan.h"
#include "experiments/sweep/store.h"

namespace experiments {

/// Watches a sweep; can change nothing. `run` is an index into the runs being executed. Called from several threads at
/// once; what it throws ends the sweep (it is no failure of a run).
class SweepObserver {
 public:
  virtual ~SweepObserver() = default;
  virtual void pretraining(size_t run, int64_t step) = 0;
  virtual void progress(size_t run, const Counters&) = 0;
  virtual void finished(size_t run, const RunLog&) = 0;
  virtual void failed(size_t run, const std::string& message) = 0;
  /// Something is amiss that does not end the run.
  virtual void warning(size_t run, const std::string& message) = 0;
};

/// Trains `runs` (of `plan`), `jobs` at a time on the inputs' pool, and keeps each in the store as it ends. A run
/// that throws is recorded as failed and the others go on, but for OutputError, which ends the sweep. A run that is
/// stopped leaves a checkpoint in the store, from which it goes on the next time.
void execute(const SweepPlan& plan, const std::vector<PlannedRun>& runs, size_t jobs, const RunStore& store,
             SharedInputs& inputs, SweepObserver& observer);

}  // namespace experiments
