#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sim/units.h"

namespace sim {

/// A node's next stretch: after so much progress what it has changed goes to its parent.
struct Stretch {
  int64_t progress = 1;  ///< inner steps
  /// Instead, where positive: as many steps as are begun within so long of computing.
  Duration at_least{0};
};

/// When each node synchronises with its parent.
class SyncPlan {
 public:
  virtual ~SyncPlan() = default;
  virtual Stretch next(NodeId) const = 0;
  /// A stretch was completed: `progress` ≥ 1 inner steps took `compute` ≥ 0.
  virtual void observe(NodeId, int64_t progress, Duration compute) = 0;
};

enum class StepRounding { down, up };
constexpr auto names_of(StepRounding) {
  return std::array{std::pair{StepRounding::down, "down"}, std::pair{StepRounding::up, "up"}};
}

// All plans throw std::invalid_argument unless steps ≥ 1, speeds are positive and finite, and 0 < smoothing ≤ 1.

/// Dynamic local updates, DyLU: H_w = ⌊v(w) / max v · H⌋, at least 1. Source: Liu et al. 2024, Eq. 6. HALoS rounds up.
/// Quotients within 1e-9 below a whole number count as that number: 0.75 s against 1.5 s per step is exactly half.
std::unique_ptr<SyncPlan> make_dynamic_steps(int64_t steps, std::vector<double> steps_per_second,
                                             StepRounding = StepRounding::down);

/// DyLU with speeds measured online (§5 footnote 3): an exponential moving average of each worker's observed seconds
/// per step with the newest round weighted `smoothing` ∈ (0, 1]. Until every worker has been seen once, workers not yet
/// seen do H steps, those seen are compared among themselves. Quotients within 1e-6 below a whole number count as that
/// number: observed durations are rounded to nanoseconds, which moves a quotient by up to 1 ns / (the fastest worker's
/// time for a step); a worker of exactly half the speed must not flicker between H/2 and H/2 − 1.
std::unique_ptr<SyncPlan> make_measured_dynamic_steps(int64_t steps, int workers, double smoothing,
                                                      StepRounding = StepRounding::down);

/// H for everyone.
struct EqualStepsConfig {
  static constexpr std::string_view kind = "equal";
  int64_t steps = 50;
};
template <class V>
void fields(V& v, EqualStepsConfig& c) {
  v.field("steps", c.steps, V::between(1, 1e8), "steps", "H, local steps of every round");
}
enum class SpeedKnowledge { known, measured };
constexpr auto names_of(SpeedKnowledge) {
  return std::array{std::pair{SpeedKnowledge::known, "known"}, std::pair{SpeedKnowledge::measured, "measured"}};
}
struct DynamicStepsConfig {
  static constexpr std::string_view kind = "dynamic";
  int64_t steps = 50;
  SpeedKnowledge speeds = SpeedKnowledge::known;
  double smoothing = 0.5;
  StepRounding rounding = StepRounding::down;
};
template <class V>
void fields(V& v, DynamicStepsConfig& c) {
  v.field("steps", c.steps, V::between(1, 1e8), "steps", "H, local steps of the fastest worker's round");
  v.field("speeds", c.speeds, V::any(), "", "Speeds are known, or measured from past rounds");
  v.field("smoothing", c.smoothing, V::above(0, 1), "", "Weight of the newest round in the measured speed (measured)");
  v.field("rounding", c.rounding, V::any(), "", "Of a share of H: down (Liu et al.), or up (HALoS)");
}
/// Rounds of fixed time: every worker trains for so long and finishes the step it is at. Source: Cheng et al. 2025,
/// "EDiT", A-EDiT; that the step in progress counts is ours.
struct TimedStepsConfig {
  static constexpr std::string_view kind = "timed";
  double seconds = 600;
};
template <class V>
void fields(V& v, TimedStepsConfig& c) {
  v.field("seconds", c.seconds, V::between(1e-6, 1e6), "s",
          "T_r, how long every worker computes in a round; the step in which it ends is finished");
}
/// Every plan there is.
using SyncPlanConfig = std::variant<EqualStepsConfig, DynamicStepsConfig, TimedStepsConfig>;
/// `known_speeds`: every worker's steps per second, asked for where they are needed.
struct SyncPlanContext {
  int workers = 1;
  std::function<std::vector<double>()> known_speeds;
};
std::unique_ptr<SyncPlan> make(const EqualStepsConfig&, const SyncPlanContext&);
std::unique_ptr<SyncPlan> make(const DynamicStepsConfig&, const SyncPlanContext&);
std::unique_ptr<SyncPlan> make(const TimedStepsConfig&, const SyncPlanContext&);

}  // namespace sim
