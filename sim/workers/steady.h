#pragma once
#include <string_view>

#include "sim/workers/speed_model.h"

namespace sim {

/// Every step takes as long.
struct SteadySpeedConfig {
  static constexpr std::string_view kind = "steady";
  double seconds_per_step = 1.0;
};
template <class V>
void fields(V& v, SteadySpeedConfig& c) {
  v.field("seconds_per_step", c.seconds_per_step, V::between(1e-9, 1e6).needed(), "s",
          "Simulated time of one inner step");
}

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
