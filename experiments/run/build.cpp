#include "experiments/run/build.h"

#include <algorithm>
#include <limits>

#include "experiments/run/build_network.h"
#include "experiments/run/build_workers.h"
#include "experiments/run/training_learner.h"
#include "models/nn/transformer.h"
#include "models/outer/buffered.h"
#include "models/outer/delayed_nesterov.h"
#include "models/outer/nesterov.h"
#include "models/outer/sgd.h"

namespace experiments {
namespace {

/// Calls f(worker config) for every single worker, in order.
template <class F>
void for_each_worker(const RunConfig& run, F&& f) {
  for (const WorkerConfig& config : run.workers)
    for (int64_t i = 0; i < config.count; ++i) f(config);
}

std::unique_ptr<sim::RoundPolicy> build_policy(const RunConfig& run) {
  if (const auto* window = std::get_if<GraceWindowConfig>(&run.policy))
    return sim::make_grace_window(sim::from_seconds(window->seconds), window->mode);
  if (const auto* quorum = std::get_if<QuorumConfig>(&run.policy))
    return sim::make_quorum(static_cast<int>(run.worker_count()), static_cast<int>(quorum->workers),
                            sim::from_seconds(quorum->seconds));
  return sim::make_barrier(static_cast<int>(run.worker_count()));
}

std::unique_ptr<sim::WorkPlan> build_plan(const RunConfig& run, const ClusterParts& cluster) {
  if (const auto* equal = std::get_if<EqualSteps>(&run.local_steps)) return sim::make_equal_steps(equal->steps);
  const auto& dynamic = std::get<DynamicSteps>(run.local_steps);
  if (dynamic.speeds == SpeedKnowledge::measured)
    return sim::make_measured_dynamic_steps(dynamic.steps, static_cast<int>(run.worker_count()), dynamic.smoothing);
  return sim::make_dynamic_steps(dynamic.steps, known_speeds(run, cluster));
}

std::unique_ptr<sim::ShardChoice> build_shard_choice(const RunConfig& run, uint64_t seed, std::vector<int64_t> sizes) {
  switch (run.shard_choice) {
    case ShardChoiceKind::least_visited:
      return sim::make_least_visited(static_cast<int>(sizes.size()), seed);
    case ShardChoiceKind::fixed:
      return sim::make_fixed(static_cast<int>(sizes.size()));
    default:
      return sim::make_under_progressed(std::move(sizes), seed);
  }
}

std::unique_ptr<models::OuterRule> build_rule(const RunConfig& run) {
  struct Make {
    int64_t workers;
    std::unique_ptr<models::OuterRule> operator()(const models::OuterSgdConfig& c) const {
      return models::make_outer_sgd(c);
    }
    std::unique_ptr<models::OuterRule> operator()(const models::NesterovConfig& c) const {
      return models::make_nesterov(c);
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
  return std::visit(Make{run.worker_count()}, run.outer);
}

/// The inner schedule with its end filled in: the run's planned steps a shard.
models::Schedule build_schedule(const RunConfig& run) {
  models::Schedule schedule = run.local.learning_rate;
  if (!schedule.total_steps) {
    const int64_t tokens_per_step = run.local.batch_size * run.model.context;
    int64_t steps = std::numeric_limits<int64_t>::max();
    if (run.stop.local_steps) steps = *run.stop.local_steps;
    if (run.stop.tokens) steps = std::min(steps, *run.stop.tokens / tokens_per_step);
    schedule.total_steps = std::max<int64_t>(1, steps / run.data.shards.count);
  }
  return schedule;
}

RunParts build_parts(const RunConfig& run, uint64_t seed, std::vector<int64_t> shard_sizes) {
  RunParts parts;
  ClusterParts cluster = build_workers(run, seed);
  parts.plan = build_plan(run, cluster);
  parts.speeds = std::move(cluster.speeds);
  parts.jitter = std::move(cluster.jitter);
  parts.availability = std::move(cluster.availability);
  for_each_worker(run, [&](const WorkerConfig& worker) {
    parts.dropout.push_back(worker.dropout);
  });
  parts.seed = seed;
  parts.network = build_network(run);
  parts.policy = build_policy(run);
  parts.shard_choice = build_shard_choice(run, seed, std::move(shard_sizes));
  parts.shards = static_cast<int>(run.data.shards.count);
  parts.arrivals_per_update = build_rule(run)->gradients_per_update();
  parts.tokens_per_step = run.local.batch_size * run.model.context;
  const uint64_t bytes = transfer_bytes(run);
  parts.upload_bytes = models::payload_bytes(run.payload, bytes / sizeof(float));
  // A ring passes pseudo-gradients both ways: every worker applies the update itself.
  parts.model_bytes = std::holds_alternative<RingNetworkConfig>(run.network) ? *parts.upload_bytes : bytes;
  parts.service = sim::from_seconds(run.server.seconds_per_update);
  parts.service_times = run.server.exponential ? sim::ServiceTimes::exponential : sim::ServiceTimes::constant;
  parts.stop = {run.stop.local_steps, run.stop.server_updates, run.stop.tokens, std::nullopt};
  if (run.stop.simulated_seconds) parts.stop.time = sim::kTimeZero + sim::from_seconds(*run.stop.simulated_seconds);
  parts.evaluate = {run.evaluation.every.local_steps, run.evaluation.every.server_updates, std::nullopt};
  if (run.evaluation.every.simulated_seconds)
    parts.evaluate.time = sim::from_seconds(*run.evaluation.every.simulated_seconds);
  return parts;
}

}  // namespace

int64_t parameter_count(const models::TransformerConfig& config) {
  return static_cast<int64_t>(models::make_transformer(config)->layout().parameters());
}

RunParts build_clock(const RunConfig& run, uint64_t seed) {
  return build_parts(run, seed, std::vector<int64_t>(static_cast<size_t>(run.data.shards.count), 1));
}

RunLog run_clock(const RunConfig& config, uint64_t seed) {
  RunParts parts = build_clock(config, seed);
  parts.record = false;
  return run(parts, {});
}

RunParts build_run(const RunConfig& run, uint64_t seed, Resources& resources, const PretrainProgress& progress) {
  const auto text = resources.text(run.data);
  const auto shards = resources.shards(run, seed);
  std::vector<int64_t> sizes;
  std::vector<models::ShardBatches> batches;
  for (size_t i = 0; i < shards->shards.size(); ++i) {
    sizes.push_back(static_cast<int64_t>(shards->shards[i].size()));
    batches.emplace_back(shards->shards[i], run.local.batch_size, run.model.context, run.data.batch_order,
                         shards->order, i);
  }
  RunParts parts = build_parts(run, seed, std::move(sizes));

  LearnerParts learner;
  learner.objective = resources.objective(run.model);
  learner.data = shards;
  learner.trainer = std::make_unique<models::LocalTrainer>(*learner.objective, run.local.optimizer, build_schedule(run),
                                                           std::move(batches));
  std::vector<std::vector<models::Batch>> validation;
  for (const auto& domain : text->domains)
    validation.push_back(
        models::validation_batches(domain, run.evaluation.batch_size, run.model.context, run.evaluation.windows));
  learner.evaluator = std::make_unique<models::Evaluator>(*learner.objective, std::move(validation));
  learner.rule = build_rule(run);
  learner.update_weight = run.update_weight;
  learner.payload = run.payload;
  learner.start = *resources.start(run, seed, progress);
  learner.workers = run.worker_count();
  parts.learner = std::make_unique<TrainingLearner>(std::move(learner), resources.pool());
  return parts;
}

}  // namespace experiments
