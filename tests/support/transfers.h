#pragma once
#include <map>

#include "sim/network/link.h"
#include "sim/network/network.h"

namespace tests {

inline constexpr sim::Direction kDown = sim::Direction::download;
inline constexpr sim::Direction kUp = sim::Direction::upload;
inline constexpr sim::NodeId kServer = 1 << 24;  ///< above every worker

/// Bytes per second; 0: unlimited.
inline sim::PrivateLink link(double up, double down, sim::Duration up_latency = {}, sim::Duration down_latency = {}) {
  return {.download = {down_latency, down}, .upload = {up_latency, up}};
}
inline sim::Route route(sim::NodeId worker, sim::Direction direction) {
  return direction == kUp ? sim::Route{worker, kServer} : sim::Route{kServer, worker};
}
/// Of a worker's only message, or of one of several.
inline sim::Transfer transfer(sim::NodeId worker, sim::Direction direction, sim::FragmentId fragment = 0,
                              sim::MessageNumbers numbers = {}) {
  return {numbers.message(worker, fragment), route(worker, direction)};
}

/// Until nothing is under way: when each message has ended.
inline std::map<sim::MessageId, sim::Time> drain(sim::Network& network) {
  std::map<sim::MessageId, sim::Time> ends;
  for (sim::Time end; (end = network.next_end()) != sim::Time::max();)
    for (const sim::MessageId message : network.finish(end)) ends[message] = end;
  return ends;
}

}  // namespace tests
