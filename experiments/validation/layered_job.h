#pragma once
#include <cstdint>
#include <memory>

#include "sim/clock/course.h"
#include "sim/rounds/sync_plan.h"

namespace experiments {

/// Two replicas of a model that reduce it layer by layer, each a fragment, over one link that carries one reduction
/// after another.
struct LayeredJob {
  double step_seconds = 1;  ///< all of it computing
  sim::StepPhases phases;
  double layer_bits = 0;                     ///< of a reduction, on the link
  int64_t steps = 1;                         ///< H, in which every layer is reduced once
  int64_t overlap = 0;                       ///< steps that may begin before what has left is needed
  int64_t rounds = 1;                        ///< of H steps; then it ends, with the link empty
  std::shared_ptr<sim::SyncPlan> plan = {};  ///< instead of turns at equal distances
};

struct LayeredTimes {
  double seconds = 0;  ///< until the link is empty
  double stalled = 0;  ///< of them, in which a replica waits
};
/// What the clock makes of it over a link of so many bit/s.
LayeredTimes times_of(const LayeredJob&, double bits_per_second);

/// The share of that time in which they compute.
double utilisation_of(const LayeredJob&, double bits_per_second);

}  // namespace experiments
