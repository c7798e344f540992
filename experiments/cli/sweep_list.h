#pragma once
#include <string>
#include <vector>

#include "experiments/sweep/plan.h"
#include "experiments/sweep/store.h"

namespace experiments {

/// The points of `runs`, a line a point and method: how many seeds are done, failed, left, and what one costs; below,
/// what is left in all.
std::string sweep_list(const SweepPlan&, const std::vector<PlannedRun>& runs, const RunStore&);

}  // namespace experiments
