#include "experiments/run/worker_names.h"

namespace experiments {

std::string WorkerNames::of(sim::NodeId worker) const {
  int64_t within = worker;
  for (const auto& [count, name] : groups) {
    if (within < count && !name.empty()) return count == 1 ? name : name + " " + std::to_string(within);
    if (within < count) break;
    within -= count;
  }
  return "worker " + std::to_string(worker);
}

WorkerNames worker_names(const RunConfig& run) {
  WorkerNames names;
  for (const WorkerConfig& worker : run.workers) names.groups.emplace_back(worker.count, worker.name.value_or(""));
  return names;
}

}  // namespace experiments
