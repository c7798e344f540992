#include "models/train/local_trainer.h"

#include <cassert>
#include <cmath>

#include "models/chunks.h"

namespace models {

namespace {

std::optional<InnerConfig> optimizer_of(const LocalOptimizer& config) {
  if (const auto* adamw = std::get_if<AdamWConfig>(&config)) return *adamw;
  if (const auto* sgd = std::get_if<SgdConfig>(&config)) return *sgd;
  return std::nullopt;
}

/// Of the round's step `step`, the shard's step t.
double learning_rate_of(const RoundSchedule& round, int64_t step, int64_t t) {
  return round.first_step_at_peak && step == 0 ? round.schedule.peak : learning_rate(round.schedule, t);
}

double norm_of(std::span<const float> v) {
  double squares = 0.0;
  for (const float x : v) squares += static_cast<double>(x) * x;
  return std::sqrt(squares);
}

}  // namespace

struct LocalTrainer::Scratch {
  Batch batch;
  Params params;
  Params gradient;
};

LocalTrainer::LocalTrainer(const Objective& objective, const LocalOptimizer& optimizer, RoundSchedule schedule,
                           std::vector<std::unique_ptr<const BatchSource>> shards)
    : objective_(objective), optimizer_(optimizer_of(optimizer)), schedule_(schedule), shards_(std::move(shards)) {}
LocalTrainer::~LocalTrainer() = default;

LocalResult LocalTrainer::run(std::span<const float> start, OptimizerState& state, const LocalTask& task,
                              const CancelCheck& cancelled, LocalProgress* progress) const {
  if (cancelled && cancelled()) throw Cancelled();
  const auto scratch = scratch_.borrow([&] {
    auto made = std::make_unique<Scratch>();
    made->gradient.resize(objective_.layout().size());
    return made;
  });
  const auto workspace = objective_.borrow_workspace();
  const BatchSource& shard = *shards_[static_cast<size_t>(task.shard)];
  LocalResult result;
  result.gradient.resize(start.size());
  if (!optimizer_) {
    assert(task.steps == 1);
    shard.fill(task.first_step, scratch->batch);
    result.mean_loss = objective_.loss_and_gradient(start, scratch->batch, *workspace, result.gradient);
    result.gradient_norm = norm_of(result.gradient);
    return result;
  }
  const bool begun = progress && progress->steps > 0;
  const std::span<const float> from = begun ? std::span<const float>(progress->params) : start;
  scratch->params.assign(from.begin(), from.end());
  double loss_sum = begun ? progress->loss_sum : 0.0;
  const int64_t first = begun ? progress->steps : 0;
  for (int64_t step = first; step < task.steps; ++step) {
    if (step > first && cancelled && cancelled()) {
      if (progress) *progress = {step, loss_sum, scratch->params};
      throw Cancelled();
    }
    const int64_t t = task.first_step + step;
    shard.fill(t, scratch->batch);
    loss_sum += training_step(objective_, *optimizer_, learning_rate_of(schedule_, step, t), scratch->params,
                              scratch->batch, *workspace, scratch->gradient, state);
  }
  if (progress) *progress = {};
  result.mean_loss = loss_sum / static_cast<double>(task.steps);
  in_chunks(start.size(), [&](Chunk at) { at(result.gradient) = at(start) - at(scratch->params); });
  result.gradient_norm = norm_of(result.gradient);
  return result;
}

}  // namespace models
