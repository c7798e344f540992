#include "experiments/run/pretrain.h"

#include "experiments/config/experiment_config.h"
#include "models/data/shards.h"
#include "models/train/local_trainer.h"

namespace experiments {

void pretrain(const models::Objective& objective, const PretrainedStart& config, const models::TokenSequence& tokens,
              int64_t context, const models::RandomSource& order, ThreadPool& pool, const PretrainProgress& progress,
              PretrainState& state, const PretrainKeeper& keep) {
  struct Part {
    models::Batch batch;
    models::Params gradient;
    double loss = 0.0;
  };
  const int64_t count = config.batch_size % 2 == 0 ? 2 : 1;
  std::vector<Part> parts(static_cast<size_t>(count));
  for (Part& part : parts) part.gradient.resize(objective.layout().size());
  const models::ShardBatches batches(tokens, context, models::BatchOrder::shuffled, order, 0);
  models::Schedule schedule = config.learning_rate;
  if (!schedule.total_steps) schedule.total_steps = config.steps;
  models::Params& params = state.params;
  std::vector<ThreadPool::Ticket> tickets(parts.size());
  const auto stopping = [&] {
    if (keep && state.steps > 0) keep(state, true);
  };
  for (int64_t step = state.steps; step < config.steps; ++step) {
    if (pool.cancelled()) {
      stopping();
      throw models::Cancelled();
    }
    for (size_t j = 0; j < parts.size(); ++j) {
      tickets[j] = pool.submit(sim::kTimeZero, [&, j] {
        const int64_t sequences = config.batch_size / count;
        batches.fill((step * count + static_cast<int64_t>(j)) * sequences, sequences, parts[j].batch);
        parts[j].loss =
            objective.loss_and_gradient(params, parts[j].batch, *objective.borrow_workspace(), parts[j].gradient);
      });
    }
    for (const ThreadPool::Ticket& ticket : tickets) ticket.wait();
    double loss = parts[0].loss;
    models::Params& gradient = parts[0].gradient;
    if (count == 2) {
      loss = 0.5 * (loss + parts[1].loss);
      for (size_t i = 0; i < gradient.size(); ++i) gradient[i] = 0.5f * (gradient[i] + parts[1].gradient[i]);
    }
    models::inner_step(config.optimizer, objective.layout(), models::learning_rate(schedule, step), params, gradient,
                       state.optimizer);
    state.steps = step + 1;
    try {
      if (progress) progress(state.steps, loss);
    } catch (...) {
      stopping();
      throw;
    }
    if (keep) keep(state, false);
  }
}

}  // namespace experiments
