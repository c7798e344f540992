#include "experiments/run/run_log.h"

namespace experiments {

RunLog joined(sim::ClockLog clock, std::span<const ArrivalFacts> facts) {
  RunLog log;
  size_t applied = 0;
  for (const sim::ArrivalRecord& arrival : clock.arrivals)
    log.updates.push_back({arrival, arrival.dropped || facts.empty() ? ArrivalFacts{} : facts[applied++]});
  clock.arrivals = {};
  static_cast<sim::ClockLog&>(log) = std::move(clock);
  return log;
}

}  // namespace experiments
