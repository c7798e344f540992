#pragma once
#include "sim/network/network.h"

namespace tests {

inline constexpr sim::NodeId kServer = 1 << 24;  ///< above every worker

inline sim::Route route(sim::NodeId worker, sim::Direction direction) {
  return direction == sim::Direction::upload ? sim::Route{worker, kServer} : sim::Route{kServer, worker};
}
/// Of a worker's only message, or of one of several.
inline sim::Transfer transfer(sim::NodeId worker, sim::Direction direction, int fragment = 0, int fragments = 1) {
  return {worker * fragments + fragment, route(worker, direction)};
}

}  // namespace tests
