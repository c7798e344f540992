#include "experiments/run/build_rule.h"

#include <algorithm>
#include <limits>

#include "experiments/config/experiment_config.h"
#include "experiments/config/regions.h"

namespace experiments {
namespace {

/// Server updates planned when every worker does one step each.
int64_t planned_updates(const RunConfig& run) {
  int64_t updates = run.stop.server_updates.value_or(std::numeric_limits<int64_t>::max());
  if (run.stop.local_steps) updates = std::min(updates, *run.stop.local_steps / run.worker_count());
  if (run.stop.tokens) {
    int64_t sequences = 0;
    for (const WorkerConfig& worker : run.workers) sequences += worker.count * run.batch_of(worker);
    updates = std::min(updates, *run.stop.tokens / (sequences * run.context()));
  }
  return std::max<int64_t>(1, updates);
}

/// Of a server that so many nodes send to, or of a replica.
std::unique_ptr<models::OuterRule> make_rule(const OuterConfig& config, const RunConfig& run,
                                             const models::ParamLayout& layout, int64_t senders) {
  const models::RuleContext context{&layout, senders, planned_updates(run)};
  return std::visit([&](const auto& c) { return models::make(c, context); }, config);
}

}  // namespace

std::unique_ptr<models::OuterRule> build_rule(const RunConfig& run, const models::ParamLayout& layout) {
  const auto senders = run.region_servers ? static_cast<int64_t>(regions_of(run).size()) : run.worker_count();
  auto rule = make_rule(run.outer, run, layout, senders);
  const auto* own = run.own_step();
  return own ? models::make_mean_of_own_steps(*own, std::move(rule), run.worker_count()) : std::move(rule);
}

std::unique_ptr<models::OuterRule> build_region_rule(const RunConfig& run, const models::ParamLayout& layout,
                                                     int64_t workers) {
  return make_rule(run.region_servers->outer, run, layout, workers);
}

std::unique_ptr<models::Landing> build_landing(const RunConfig& run, const models::ParamLayout& layout) {
  const auto landing = run.overlap ? run.overlap->landing : models::LandingConfig();
  return std::visit(
      [&](const auto& c) {
        if constexpr (requires { models::make(c); })
          return models::make(c);
        else
          return models::make_own_step(c, make_rule(run.outer, run, layout, run.worker_count()), run.worker_count());
      },
      landing);
}

}  // namespace experiments
