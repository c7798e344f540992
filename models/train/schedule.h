#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <optional>

namespace models {

/// Linear warm-up to the peak over `warmup_steps`, then half a cosine down to `final` at `total_steps`, and `final` for
/// ever after. Keyed to the shard: t counts the inner steps done on that shard. Source: Liu et al. 2024, Eq. 3, whose
/// warm-up has t where this has t + 1, so that the first step is not without effect.
struct Schedule {
  double peak = 3e-3;
  double final = 1e-5;
  int64_t warmup_steps = 0;
  std::optional<int64_t> total_steps;  ///< T; filled in from the run's budget where the user gave none
};

/// Learning rate of the step that `t` ≥ 0 steps precede. Precondition: schedule.total_steps is set.
inline double learning_rate(const Schedule& schedule, int64_t t) {
  if (t < schedule.warmup_steps)
    return schedule.peak * static_cast<double>(t + 1) / static_cast<double>(schedule.warmup_steps);
  const double span = static_cast<double>(std::max<int64_t>(1, *schedule.total_steps - schedule.warmup_steps));
  const double progress = std::clamp(static_cast<double>(t - schedule.warmup_steps) / span, 0.0, 1.0);
  return schedule.final + 0.5 * (schedule.peak - schedule.final) * (1.0 + std::cos(std::numbers::pi * progress));
}

}  // namespace models
