#include "experiments/run/build_rule.h"

#include <algorithm>
#include <limits>

#include "experiments/config/experiment_config.h"

namespace experiments {
namespace {

/// Server updates planned when every worker does one step each.
int64_t planned_updates(const RunConfig& run) {
  int64_t updates = run.stop.server_updates.value_or(std::numeric_limits<int64_t>::max());
  if (run.stop.local_steps) updates = std::min(updates, *run.stop.local_steps / run.worker_count());
  if (run.stop.tokens) updates = std::min(updates, *run.stop.tokens / (run.tokens_per_step() * run.worker_count()));
  return std::max<int64_t>(1, updates);
}

}  // namespace

std::unique_ptr<models::OuterRule> build_rule(const RunConfig& run, const models::ParamLayout& layout) {
  const models::RuleContext context{&layout, run.worker_count(), planned_updates(run)};
  return std::visit([&](const auto& config) { return models::make(config, context); }, run.outer);
}

}  // namespace experiments
