#pragma once
#include <cstdint>
#include <limits>

#include "sim/units.h"

namespace sim {

/// The separate counters of a run; each may stop it.
struct Counters {
  int64_t server_updates = 0;
  int64_t local_steps = 0;  ///< inner steps of the applied updates, and of those dropped for their staleness
  int64_t tokens = 0;       ///< training tokens of those steps
  Time time{};              ///< simulated
  uint64_t bytes_up = 0;    ///< sent so far, all workers
  uint64_t bytes_down = 0;
  double usd = kNotTold;  ///< dollars for time and traffic so far; told, as is energy, at evaluations and at the end
  double kwh = kNotTold;

  static constexpr double kNotTold = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace sim
