#pragma once
#include <vector>

#include "sim/rounds/round_policy.h"

namespace tests {

/// Messages that were all dispatched at one time, as a policy sees them.
inline std::vector<sim::Arrival> arrived(const std::vector<sim::MessageId>& messages, sim::Time dispatched = {}) {
  std::vector<sim::Arrival> arrivals;
  for (const sim::MessageId message : messages) arrivals.push_back({.message = message, .dispatched = dispatched});
  return arrivals;
}

}  // namespace tests
