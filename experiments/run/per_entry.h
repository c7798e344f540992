#pragma once
#include <utility>
#include <vector>

#include "experiments/config/experiment_config.h"
#include "sim/per_worker.h"

namespace experiments {

/// What make(worker entry) says, once for each entry of the file, whatever its count.
template <class F>
auto per_worker(const RunConfig& run, F&& make) {
  std::vector<decltype(make(run.workers[0]))> kinds;
  std::vector<uint32_t> kind_of_worker;
  for (const WorkerConfig& worker : run.workers) {
    if (run.workers.size() > 1)
      kind_of_worker.insert(kind_of_worker.end(), static_cast<size_t>(worker.count),
                            static_cast<uint32_t>(kinds.size()));
    kinds.push_back(make(worker));
  }
  return sim::PerWorker(std::move(kinds), std::move(kind_of_worker));
}

}  // namespace experiments
