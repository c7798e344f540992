#include "experiments/sweep/cost.h"

#include <map>
#include <stdexcept>

#include "experiments/run/build.h"

namespace experiments {

std::vector<RunCost> costs_of(const SweepPlan& plan, const std::vector<PlannedRun>& runs) {
  std::map<std::pair<size_t, size_t>, RunCost> known;
  std::vector<RunCost> costs;
  for (const PlannedRun& planned : runs) {
    const auto [it, fresh] = known.try_emplace({planned.point, planned.method});
    if (fresh) {
      const RunConfig& config = plan.method(planned).run;
      try {
        const Counters final = clock_totals(config, planned.seed).final;
        it->second = {final.tokens, sim::to_seconds(final.time),
                      static_cast<double>(final.tokens) * static_cast<double>(parameter_count(config))};
      } catch (const std::overflow_error& error) {
        throw std::overflow_error(plan.text(planned) + ": " + error.what());
      }
    }
    costs.push_back(it->second);
  }
  return costs;
}

std::optional<double> seconds_per_work(const RunStore& store, const std::vector<PlannedRun>& runs,
                                       const std::vector<RunCost>& costs) {
  double seconds = 0, work = 0;
  for (size_t i = 0; i < runs.size(); ++i) {
    if (store.state(runs[i].key) != RunState::finished) continue;
    const Json host = store.host(runs[i].key);
    if (!host.is_object() || !host.contains("host_seconds") || !host.contains("runs_at_once")) continue;
    // Runs side by side share the machine's time.
    seconds += host["host_seconds"].get<double>() / host["runs_at_once"].get<double>();
    work += costs[i].work;
  }
  return work > 0 ? std::optional(seconds / work) : std::nullopt;
}

}  // namespace experiments
