#pragma once
#include <cstdint>

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
};

}  // namespace sim
