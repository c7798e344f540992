#include "models/train/local_trainer.h"

#include <cmath>

namespace models {

double inner_step(const InnerConfig& config, const ParamLayout& layout, double learning_rate, std::span<float> params,
                  std::span<float> gradient, OptimizerState& state) {
  if (const auto* adamw = std::get_if<AdamWConfig>(&config))
    return adamw_step(*adamw, layout, learning_rate, params, gradient, state);
  return sgd_step(std::get<SgdConfig>(config), layout, learning_rate, params, gradient, state);
}

struct LocalTrainer::Scratch {
  std::unique_ptr<Workspace> workspace;
  Batch batch;
  Params params;
  Params gradient;
};

LocalTrainer::LocalTrainer(const Objective& objective, InnerConfig optimizer, Schedule schedule,
                           std::vector<ShardBatches> shards)
    : objective_(objective), optimizer_(std::move(optimizer)), schedule_(schedule), shards_(std::move(shards)) {}
LocalTrainer::~LocalTrainer() = default;

LocalResult LocalTrainer::run(std::span<const float> start, OptimizerState& state, const LocalTask& task,
                              const CancelCheck& cancelled) const {
  const auto scratch = scratch_.borrow([&] {
    auto made = std::make_unique<Scratch>();
    made->workspace = objective_.workspace();
    made->gradient.resize(objective_.layout().size());
    return made;
  });
  scratch->params.assign(start.begin(), start.end());
  double loss_sum = 0.0;
  for (int64_t step = 0; step < task.steps; ++step) {
    if (cancelled && cancelled()) throw Cancelled();
    const int64_t t = task.first_step + step;
    shards_[static_cast<size_t>(task.shard)].fill(t, scratch->batch);
    loss_sum += objective_.loss_and_gradient(scratch->params, scratch->batch, *scratch->workspace, scratch->gradient);
    inner_step(optimizer_, objective_.layout(), learning_rate(schedule_, t), scratch->params, scratch->gradient, state);
  }
  LocalResult result;
  result.mean_loss = loss_sum / static_cast<double>(task.steps);
  result.gradient.resize(start.size());
  double squares = 0.0;
  for (size_t i = 0; i < start.size(); ++i) {
    const float g = start[i] - scratch->params[i];
    result.gradient[i] = g;
    squares += static_cast<double>(g) * g;
  }
  result.gradient_norm = std::sqrt(squares);
  return result;
}

}  // namespace models
