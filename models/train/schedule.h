#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <optional>

namespace models {

/// Linear warm-up to the peak over `warmup_steps`, then half a cosine down to `final` at `total_steps`, and `final` for
/// ever after. Keyed to the shard: t counts the inner steps done on that shard (with batches of several sizes: its
/// examples used, over the run's batch, rounded down). Source: Liu et al. 2024, Eq. 3, whose
/// warm-up has t where this has t + 1, so that the first step is not without effect.
struct Schedule {
  double peak = 3e-3;
  double final = 1e-5;
  int64_t warmup_steps = 0;
  std::optional<int64_t> total_steps;  ///< T; filled in from the run's budget where the user gave none
};
template <class V>
void fields(V& v, Schedule& c) {
  v.field("peak", c.peak, V::above(0), "", "Learning rate after warm-up");
  v.field("final", c.final, V::at_least(0), "", "Learning rate at and past the end of the cosine");
  v.field("warmup_steps", c.warmup_steps, V::at_least(0), "steps",
          "Linear warm-up, counted on each shard (outside: in server updates)");
  v.field("total_steps", c.total_steps, V::at_least(1), "steps",
          "End of the cosine, counted alike; null: the planned total (stop's local steps / shards, pre-training's "
          "steps, or the server updates planned)");
}

/// Learning rate of the step that `t` ≥ 0 steps precede. Precondition: schedule.total_steps is set.
inline double learning_rate(const Schedule& schedule, int64_t t) {
  if (t < schedule.warmup_steps)
    return schedule.peak * static_cast<double>(t + 1) / static_cast<double>(schedule.warmup_steps);
  const double span = static_cast<double>(std::max<int64_t>(1, *schedule.total_steps - schedule.warmup_steps));
  const double progress = std::clamp(static_cast<double>(t - schedule.warmup_steps) / span, 0.0, 1.0);
  return schedule.final + 0.5 * (schedule.peak - schedule.final) * (1.0 + std::cos(std::numbers::pi * progress));
}

}  // namespace models
