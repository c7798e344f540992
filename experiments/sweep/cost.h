#pragma once
#include <optional>
#include <vector>

#include "experiments/sweep/plan.h"
#include "experiments/sweep/store.h"

namespace experiments {

/// What a run comes to, from its clock alone. Pre-training is not in it.
struct RunCost {
  int64_t tokens = 0;  ///< trained on
  double simulated_seconds = 0;
  double work = 0;  ///< tokens × parameters: what host time goes with
};

/// The cost of each of `runs`. Seeds of one method at one point count alike.
std::vector<RunCost> costs_of(const SweepPlan&, const std::vector<PlannedRun>& runs);

/// Host seconds a unit of work took in the finished ones of `runs` that tell; empty when none does.
std::optional<double> seconds_per_work(const RunStore&, const std::vector<PlannedRun>& runs,
                                       const std::vector<RunCost>& costs);

}  // namespace experiments
