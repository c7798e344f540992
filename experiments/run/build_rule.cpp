#include "experiments/run/build_rule.h"

#include <algorithm>
#include <limits>

#include "models/outer/adam.h"
#include "models/outer/buffered.h"
#include "models/outer/delayed_nesterov.h"
#include "models/outer/nesterov.h"
#include "models/outer/server_optimizer.h"
#include "models/outer/sgd.h"

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
  struct Make {
    const RunConfig& run;
    const models::ParamLayout& layout;
    int64_t workers = run.worker_count();
    std::unique_ptr<models::OuterRule> operator()(const models::OuterSgdConfig& c) const {
      return models::make_outer_sgd(c);
    }
    std::unique_ptr<models::OuterRule> operator()(const models::NesterovConfig& c) const {
      return models::make_nesterov(c);
    }
    std::unique_ptr<models::OuterRule> operator()(const models::OuterAdamConfig& c) const {
      return models::make_outer_adam(c);
    }
    std::unique_ptr<models::OuterRule> operator()(models::ServerOptimizerConfig c) const {
      if (!c.learning_rate.total_steps) c.learning_rate.total_steps = planned_updates(run);
      return models::make_server_optimizer(c, layout);
    }
    std::unique_ptr<models::OuterRule> operator()(models::DelayedNesterovConfig c) const {
      if (!c.period) c.period = workers;
      return models::make_delayed_nesterov(c);
    }
    std::unique_ptr<models::OuterRule> operator()(models::BufferedConfig c) const {
      if (!c.period) c.period = workers;
      return models::make_buffered(c);
    }
  };
  return std::visit(Make{run, layout}, run.outer);
}

}  // namespace experiments
