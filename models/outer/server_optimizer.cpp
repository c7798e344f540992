#include "models/outer/server_optimizer.h"

namespace models {
namespace {

class ServerOptimizer final : public OuterRule {
 public:
  ServerOptimizer(const ServerOptimizerConfig& config, const RuleContext& context)
      : config_(config), layout_(*context.layout) {
    if (!config_.learning_rate.total_steps) config_.learning_rate.total_steps = context.planned_updates;
  }

  void apply(std::span<float> params, std::span<const float> gradient) override {
    const double rate = learning_rate(config_.learning_rate, state_.steps);
    inner_step(config_.optimizer, layout_, rate, params, gradient, state_);
  }
  std::span<const float> momentum() const override { return state_.first; }
  void visit(StateVisitor& v) override {
    v.count("steps", state_.steps);
    v.vector("first", state_.first);
    v.vector("second", state_.second);
  }

 private:
  ServerOptimizerConfig config_;
  const ParamLayout& layout_;
  OptimizerState state_;
};

}  // namespace

std::unique_ptr<OuterRule> make(const ServerOptimizerConfig& config, const RuleContext& context) {
  return std::make_unique<ServerOptimizer>(config, context);
}

}  // namespace models
