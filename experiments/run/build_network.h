#pragma once
#include <memory>

#include "experiments/config/experiment_config.h"
#include "sim/network/link.h"
#include "sim/network/network.h"
#include "sim/network/shared_links.h"

namespace experiments {

/// A shared link's capacity, its trace read. Throws InvalidConfig with file and line.
sim::SharedCapacity build_capacity(const CapacityConfig&);

/// The network that the run's workers meet.
std::unique_ptr<sim::Network> build_network(const RunConfig&);

}  // namespace experiments
