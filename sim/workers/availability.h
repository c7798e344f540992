#pragma once
#include "sim/units.h"

namespace sim {

/// When one worker is there. Immutable to its user.
class Availability {
 public:
  struct Period {
    bool up;
    Time end;  ///< first instant of the next period; Time::max() when there is none
  };
  virtual ~Availability() = default;
  virtual Period at(Time) const = 0;
};

}  // namespace sim
