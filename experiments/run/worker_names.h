#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "experiments/config/experiment_config.h"
#include "sim/units.h"

namespace experiments {

/// What people call a run's workers: by the names of the experiment file, or "worker 3".
struct WorkerNames {
  std::vector<std::pair<int64_t, std::string>> groups;  ///< how many, in order, and their name, "" without one
  std::string of(sim::NodeId worker) const;
};

WorkerNames worker_names(const RunConfig&);

}  // namespace experiments
