#pragma once
#include "sim/units.h"

namespace sim {

/// How fast one worker computes: inner steps per simulated second, piecewise constant over time. Immutable.
class SpeedModel {
 public:
  struct Segment {
    double steps_per_second;  ///< ≥ 0; 0 is a standstill
    Time end;                 ///< first instant of the next segment; Time::max() when there is none
  };
  virtual ~SpeedModel() = default;
  virtual Segment at(Time) const = 0;
};

/// When `steps` ≥ 0 inner steps begun at `start` are done: the integral of the speed reaches `steps`, to the nearest nanosecond.
/// Throws std::overflow_error where that lies beyond kMaxSeconds or never.
Time finish_time(const SpeedModel&, Time start, double steps);

}  // namespace sim
