#pragma once
#include "sim/per_worker.h"

namespace sim {

/// What time and traffic cost. A worker costs while it is not down, whatever else it does.
struct Prices {
  bool dollars = false, energy = false;  ///< whether any are told
  PerWorker<double> usd_per_second, watts;
  PerWorker<double> usd_per_byte_up, usd_per_byte_down;  ///< of a node's messages, all links on their way
};

}  // namespace sim
