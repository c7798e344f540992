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

}  // namespace

struct LocalTrainer::Scratch {
  Batch batch;
  Params gradient;
};

LocalTrainer::LocalTrainer(const Objective& objective, const LocalOptimizer& optimizer, RoundSchedule schedule,
                           std::vector<std::unique_ptr<const BatchSource>> shards)
    : objective_(objective), optimizer_(optimizer_of(optimizer)), schedule_(schedule), shards_(std::move(shards)) {}
LocalTrainer::~LocalTrainer() = default;

void LocalTrainer::run(LocalModel& model, LocalTask& task, const CancelCheck& cancelled) const {
  const auto scratch = scratch_.borrow([&] {
    auto made = std::make_unique<Scratch>();
    made->gradient.resize(objective_.layout().size());
    return made;
  });
  const auto workspace = objective_.borrow_workspace();
  const BatchSource& shard = *shards_[static_cast<size_t>(task.shard)];
  for (; task.done < task.steps; ++task.done) {
    if (cancelled && cancelled()) throw Cancelled();
    const int64_t first = task.first_example + task.done * task.batch;
    shard.fill(first, task.batch, scratch->batch);
    if (optimizer_) {
      const double rate = learning_rate_of(schedule_, task.done, first / schedule_.batch);
      task.loss_sum += training_step(objective_, *optimizer_, rate, model.params, scratch->batch, *workspace,
                                     scratch->gradient, model.optimizer);
    } else {
      assert(task.steps == 1);
      task.loss_sum = objective_.loss_and_gradient(model.params, scratch->batch, *workspace, scratch->gradient);
      model.params = scratch->gradient;
    }
  }
}

void LocalTrainer::difference(std::span<const float> start, Params& trained) const {
  if (optimizer_) in_chunks(start.size(), [&](Chunk at) { at(trained) = at(start) - at(trained); });
}

}  // namespace models
