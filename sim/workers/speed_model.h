#pragma once
#include "sim/units.h"

namespace sim {

/// How fast one worker computes: inner steps per simulated second, piecewise constant over time. Never changes; a model
/// may remember where it last looked, so one object belongs to one run.
class SpeedModel {
 public:
  struct Segment {
    double steps_per_second;  ///< ≥ 0; 0 is a standstill
    Time end;                 ///< first instant of the next segment; Time::max() when there is none
    bool down = false;        ///< it does not compute at all, which its time is not to be counted as
  };
  virtual ~SpeedModel() = default;
  virtual Segment at(Time) const = 0;
  /// Steps per simulated second in the long run: the mean over time of the speed, > 0.
  virtual double mean_steps_per_second() const = 0;
};

/// When `steps` ≥ 0 inner steps begun at `start` are done: the integral of the speed reaches `steps`, to the nearest
/// nanosecond (for spans to 2^50 ns, 13 days; beyond, to a few parts in 10^16). A segment whose step takes a whole
/// number of nanoseconds up to the rounding of 1 / speed takes exactly that: a million steps of 3.33 s are 3,330,000 s.
/// Throws std::overflow_error where that lies more than kMaxSeconds after `start`, or never.
Time finish_time(const SpeedModel&, Time start, double steps);

}  // namespace sim
