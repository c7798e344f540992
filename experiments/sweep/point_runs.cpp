#include "experiments/sweep/point_runs.h"

#include "experiments/report/read_run.h"

namespace experiments {

std::vector<RunLog> finished_runs(
    const SweepDesign& design, size_t point, const RunStore& store,
    const std::function<void(size_t method, uint64_t seed, RunState, const std::string& key)>& other) {
  std::vector<RunLog> finished;
  for (size_t m = 0; m < design.methods.size(); ++m)
    for (size_t s = 0; s < design.seeds.size(); ++s) {
      const std::string& key = design.key(point, m, s);
      if (const RunState state = store.state(key); state != RunState::finished) {
        other(m, design.seeds[s], state, key);
        continue;
      }
      finished.push_back(read_run(store.directory(key)));
      finished.back().method = design.methods[m];  // the run may have been made for another method or sweep
      finished.back().seed = design.seeds[s];
    }
  return finished;
}

}  // namespace experiments
