#pragma once
#include <memory>

#include "sim/network/link.h"
#include "sim/network/network.h"
#include "sim/network/networks.h"
#include "sim/network/shared_links.h"

namespace experiments {

struct RunConfig;

/// A shared link's capacity, its trace read. Throws InvalidConfig with file and line.
sim::SharedCapacity build_capacity(const sim::CapacityConfig&);

/// The network that the run's workers meet.
std::unique_ptr<sim::Network> build_network(const RunConfig&);

}  // namespace experiments
