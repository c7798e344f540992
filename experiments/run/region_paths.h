#pragma once
#include "experiments/config/experiment_config.h"

namespace experiments {

/// The same run with the network's paths between regions laid into the workers' own links: latencies add up, the
/// smaller bandwidth counts. A worker's path leads to the server and back; on a ring to the worker that follows, and
/// all workers of an entry have the slowest of its hops, since the ring is as slow as its slowest.
RunConfig with_paths_in_links(const RunConfig&);

}  // namespace experiments
