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
  if (run.stop.tokens) updates = std::min(updates, *run.stop.tokens / (run.tokens_per_step() * run.worker_count()));
  return std::max<int64_t>(1, updates);
}

}  // namespace

std::unique_ptr<models::OuterRule> build_rule(const RunConfig& run, const models::ParamLayout& layout) {
  const auto senders = run.region_servers ? static_cast<int64_t>(regions_of(run).size()) : run.worker_count();
  auto rule = std::visit(
      [&](const auto& c) {
        return models::make(c, {&layout, senders, planned_updates(run)});
      },
      run.outer);
  const auto* own = run.overlap ? std::get_if<models::OwnStepConfig>(&run.overlap->landing) : nullptr;
  return own ? models::make_mean_of_own_steps(*own, std::move(rule), run.worker_count()) : std::move(rule);
}

std::unique_ptr<models::Landing> build_landing(const RunConfig& run, const models::ParamLayout& layout) {
  if (!run.overlap) return models::make(models::OverwriteConfig{});
  if (const auto* own = std::get_if<models::OwnStepConfig>(&run.overlap->landing)) {
    RunConfig at_the_replica = run;
    at_the_replica.overlap.reset();
    return models::make_own_step(*own, build_rule(at_the_replica, layout), run.worker_count());
  }
  return std::visit(
      [](const auto& c) -> std::unique_ptr<models::Landing> {
        if constexpr (requires { models::make(c); })
          return models::make(c);
        else
          return nullptr;
      },
      run.overlap->landing);
}

std::unique_ptr<models::OuterRule> build_region_rule(const RunConfig& run, const models::ParamLayout& layout,
                                                     int64_t workers) {
  return std::visit(
      [&](const auto& c) {
        return models::make(c, {&layout, workers, planned_updates(run)});
      },
      run.region_servers->outer);
}

}  // namespace experiments
