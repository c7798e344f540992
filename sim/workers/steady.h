#pragma once
#include "sim/workers/speed_model.h"

namespace sim {

/// The same speed for ever. Precondition: seconds_per_step > 0.
class SteadySpeed final : public SpeedModel {
 public:
  explicit SteadySpeed(double seconds_per_step) : steps_per_second_(1.0 / seconds_per_step) {}
  Segment at(Time) const override { return {steps_per_second_, Time::max()}; }
  double mean_steps_per_second() const override { return steps_per_second_; }

 private:
  double steps_per_second_;
};

}  // namespace sim
