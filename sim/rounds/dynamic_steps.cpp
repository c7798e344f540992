#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "sim/rounds/sync_plan.h"

namespace sim {
namespace {

/// ⌊share · steps⌋ or ⌈share · steps⌉, at least 1. `guard` is what a quotient that is whole may be off by.
int64_t share_of(int64_t steps, double share, double guard, StepRounding rounding) {
  const double exact = share * static_cast<double>(steps);
  const double whole = rounding == StepRounding::down ? std::floor(exact + guard) : std::ceil(exact - guard);
  return std::max<int64_t>(1, static_cast<int64_t>(whole));
}

void check_steps(int64_t steps) {
  if (steps < 1)
    throw std::invalid_argument("dynamic local steps: " + std::to_string(steps) +
                                " steps for the fastest worker; at least 1");
}

class KnownSpeeds final : public SyncPlan {
 public:
  KnownSpeeds(int64_t steps, const std::vector<double>& speeds, StepRounding rounding) {
    const double fastest = *std::max_element(speeds.begin(), speeds.end());
    for (const double v : speeds) steps_.push_back(share_of(steps, v / fastest, 1e-9, rounding));
  }
  Stretch next(NodeId worker) const override { return {steps_.at(static_cast<size_t>(worker))}; }
  void observe(NodeId, int64_t, Duration) override {}

 private:
  std::vector<int64_t> steps_;
};

constexpr double kUnseen = std::numeric_limits<double>::infinity();

class MeasuredSpeeds final : public SyncPlan {
 public:
  MeasuredSpeeds(int64_t steps, int workers, double smoothing, StepRounding rounding)
      : steps_(steps),
        smoothing_(smoothing),
        rounding_(rounding),
        seconds_per_step_(static_cast<size_t>(workers), kUnseen) {}

  Stretch next(NodeId worker) const override {
    const double own = seconds_per_step_.at(static_cast<size_t>(worker));
    if (own == kUnseen || own <= fastest()) return {steps_};  // the fastest also where it takes no time at all
    return {share_of(steps_, fastest() / own, 1e-6, rounding_)};
  }

  void observe(NodeId worker, int64_t steps, Duration compute) override {
    assert(steps >= 1 && compute >= Duration::zero());
    const size_t w = static_cast<size_t>(worker);
    double& own = seconds_per_step_.at(w);
    const double before = own;
    const double newest = to_seconds(compute) / static_cast<double>(steps);
    own = own == kUnseen ? newest : own + smoothing_ * (newest - own);
    if (own < fastest()) {
      fastest_ = w;
    } else if (w == fastest_ && own > before) {  // it slowed down: another may be the fastest now
      const auto first = std::min_element(seconds_per_step_.begin(), seconds_per_step_.end());
      fastest_ = static_cast<size_t>(first - seconds_per_step_.begin());
    }
  }

 private:
  double fastest() const { return seconds_per_step_[fastest_]; }

  int64_t steps_;
  double smoothing_;
  StepRounding rounding_;
  std::vector<double> seconds_per_step_;  // a worker, kUnseen until its first round is over
  size_t fastest_ = 0;
};

}  // namespace

std::unique_ptr<SyncPlan> make_dynamic_steps(int64_t steps, std::vector<double> steps_per_second,
                                             StepRounding rounding) {
  check_steps(steps);
  if (steps_per_second.empty()) throw std::invalid_argument("dynamic local steps: no speeds; one for each worker");
  for (size_t w = 0; w < steps_per_second.size(); ++w) {
    const double v = steps_per_second[w];
    if (!(v > 0.0) || !std::isfinite(v))
      throw std::invalid_argument("dynamic local steps: speed " + std::to_string(v) + " steps/s of worker " +
                                  std::to_string(w) + " is not allowed; positive and finite");
  }
  return std::make_unique<KnownSpeeds>(steps, steps_per_second, rounding);
}

std::unique_ptr<SyncPlan> make_measured_dynamic_steps(int64_t steps, int workers, double smoothing,
                                                      StepRounding rounding) {
  check_steps(steps);
  if (workers < 1)
    throw std::invalid_argument("dynamic local steps: " + std::to_string(workers) + " workers; at least 1");
  if (!(smoothing > 0.0 && smoothing <= 1.0))
    throw std::invalid_argument("dynamic local steps: smoothing " + std::to_string(smoothing) + " is not in (0, 1]");
  return std::make_unique<MeasuredSpeeds>(steps, workers, smoothing, rounding);
}

std::unique_ptr<SyncPlan> make(const DynamicStepsConfig& c, const SyncPlanContext& context) {
  if (c.speeds == SpeedKnowledge::measured)
    return make_measured_dynamic_steps(c.steps, context.workers, c.smoothing, c.rounding);
  return make_dynamic_steps(c.steps, context.known_speeds(), c.rounding);
}

}  // namespace sim
