#include "experiments/run/build.h"

#include <algorithm>
#include <limits>

#include "experiments/config/experiment_config.h"
#include "experiments/config/regions.h"
#include "experiments/run/build_fragments.h"
#include "experiments/run/build_network.h"
#include "experiments/run/build_prices.h"
#include "experiments/run/build_rule.h"
#include "experiments/run/build_workers.h"

namespace experiments {
namespace {

/// The corrections that change a pseudo-gradient; what drops one is the clock's.
std::vector<std::unique_ptr<models::Correction>> build_corrections(const RunConfig& run) {
  std::vector<std::unique_ptr<models::Correction>> corrections;
  for (const CorrectionConfig& config : run.corrections) {
    std::unique_ptr<models::Correction> made = std::visit([](const auto& c) { return models::make(c); }, config);
    if (made) corrections.push_back(std::move(made));
  }
  return corrections;
}

/// The inner schedule with its end filled in: the run's planned steps a shard.
models::Schedule build_schedule(const RunConfig& run) {
  models::Schedule schedule = run.local.learning_rate;
  if (!schedule.total_steps) {
    int64_t steps = std::numeric_limits<int64_t>::max();
    if (run.stop.local_steps) steps = *run.stop.local_steps;
    if (run.stop.tokens) steps = std::min(steps, *run.stop.tokens / run.tokens_per_step());
    schedule.total_steps = std::max<int64_t>(1, steps / run.shard_count());
  }
  return schedule;
}

/// The server of so many workers, of a model that travels in so many fragments.
sim::Server build_server(const RunConfig& run, int64_t workers, size_t fragments, const models::OuterRule& rule) {
  sim::Server server;
  std::visit(
      [&](const auto& config) {
        const auto count = static_cast<int>(workers), parts = static_cast<int>(fragments);
        if constexpr (requires { sim::make(config, count, parts); })
          server.policies.push_back(sim::make(config, count, parts));
        else
          for (int f = 0; f < parts; ++f) server.policies.push_back(sim::make(config, count));
      },
      run.policy);
  server.arrivals_per_update = rule.gradients_per_update();
  for (const CorrectionConfig& config : run.corrections)
    if (const auto* threshold = std::get_if<models::StalenessThresholdConfig>(&config))
      server.most_staleness = std::min(threshold->staleness, server.most_staleness.value_or(threshold->staleness));
  server.service = sim::from_seconds(run.server.seconds_per_update);
  server.service_times = run.server.exponential ? sim::ServiceTimes::exponential : sim::ServiceTimes::constant;
  return server;
}

/// In the clock's order: a server in every region, where there are such, and the root, which then answers at once.
std::vector<sim::Server> build_servers(const RunConfig& run, size_t fragments) {
  std::vector<sim::Server> servers;
  const auto rule = build_rule(run, {});
  if (!run.region_servers) {
    servers.push_back(build_server(run, run.worker_count(), fragments, *rule));
    return servers;
  }
  for (const InhabitedRegion& region : regions_of(run)) {
    servers.push_back(build_server(run, region.workers, fragments, *build_region_rule(run, {}, region.workers)));
    servers.back().updates_per_send = run.region_servers->updates;
  }
  sim::Server& root = servers.emplace_back();
  root.policies.push_back(sim::make_grace_window({}, sim::GraceMode::wait));
  root.arrivals_per_update = rule->gradients_per_update();
  return servers;
}

std::vector<ServerParts> build_server_parts(const RunConfig& run, const models::ParamLayout& layout) {
  const auto reduction = [&] { return std::visit([&](const auto& c) { return models::make(c, layout); }, run.reduce); };
  std::vector<ServerParts> servers;
  if (run.region_servers)
    for (const InhabitedRegion& region : regions_of(run))
      servers.push_back({build_region_rule(run, layout, region.workers), reduction(), run.region_servers->mix});
  servers.push_back(
      {build_rule(run, layout), run.region_servers ? models::make(models::MeanConfig{}, layout) : reduction(), 1.0});
  return servers;
}

/// Shards of these sizes, which decide who trains on which.
sim::ClockParts build_parts(const RunConfig& run, uint64_t seed, std::vector<int64_t> shard_sizes) {
  sim::ClockParts parts;
  parts.workers = build_workers(run, seed);
  const sim::SyncPlanContext plan{static_cast<int>(run.worker_count()),
                                  [&] { return known_speeds(run, parts.workers); }};
  parts.plan = std::visit([&](const auto& config) { return sim::make(config, plan); }, run.local_steps);
  parts.fragments = build_bytes(run);
  parts.phases = build_phases(run);
  parts.servers = build_servers(run, parts.fragments.size());
  parts.seed = seed;
  parts.network = build_network(run);
  parts.prices = build_prices(run);
  const sim::ShardChoiceContext shards{std::move(shard_sizes), seed};
  parts.shard_choice = std::visit([&](const auto& choice) { return sim::make(choice, shards); }, run.shard_choice);
  parts.shards = static_cast<int>(run.shard_count());
  parts.tokens_per_example = run.context();
  if (run.trains_on()) parts.overlap = sim::Overlap{run.overlap ? run.overlap->steps : 0};
  parts.stop = {run.stop.local_steps, run.stop.server_updates, run.stop.tokens, std::nullopt};
  if (run.stop.simulated_seconds) parts.stop.time = sim::kTimeZero + sim::from_seconds(*run.stop.simulated_seconds);
  parts.evaluate = {run.evaluation.every.local_steps, run.evaluation.every.server_updates, std::nullopt};
  if (run.evaluation.every.simulated_seconds)
    parts.evaluate.time = sim::from_seconds(*run.evaluation.every.simulated_seconds);
  return parts;
}

/// What a run reads of its data.
struct LearningData {
  std::shared_ptr<const void> owner;  ///< keeps alive what the batches read
  std::vector<int64_t> shard_sizes;   ///< tokens or points
  std::vector<std::unique_ptr<const models::BatchSource>> shards;
  std::vector<std::vector<models::Batch>> validation;  ///< by domain
};

LearningData learning_data(const RunConfig& run, const TextData& data, uint64_t seed, SharedInputs& inputs) {
  const auto shards = inputs.shards(run, seed);
  LearningData made{.owner = shards, .shard_sizes = {}, .shards = {}, .validation = {}};
  for (size_t i = 0; i < shards->shards.size(); ++i) {
    made.shard_sizes.push_back(static_cast<int64_t>(shards->shards[i].size()));
    made.shards.push_back(
        std::make_unique<models::ShardBatches>(shards->shards[i], run.context(), data.batch_order, shards->order, i));
  }
  for (const auto& domain : inputs.text(run)->domains)
    made.validation.push_back(
        models::validation_batches(domain, run.evaluation.batch_size, run.context(), run.evaluation.windows));
  return made;
}

LearningData learning_data(const RunConfig& run, const MixtureData& data, uint64_t seed, SharedInputs& inputs) {
  const auto set = inputs.points(data, seed);
  LearningData made{.owner = set, .shard_sizes = {}, .shards = {}, .validation = {}};
  for (size_t i = 0; i < set->shards.size(); ++i) {
    made.shard_sizes.push_back(static_cast<int64_t>(set->shards[i].size()));
    made.shards.push_back(std::make_unique<models::PointBatches>(set->points, set->shards[i], set->order, i));
  }
  made.validation.push_back(models::sample_points(set->points, run.evaluation.windows, run.evaluation.batch_size,
                                                  Stream(seed, "evaluation points")));
  return made;
}

}  // namespace

sim::ClockParts build_clock(const RunConfig& run, uint64_t seed) {
  return build_parts(run, seed, std::vector<int64_t>(static_cast<size_t>(run.shard_count()), 1));
}

sim::ClockLog clock_totals(const RunConfig& config, uint64_t seed, const std::function<void()>& tick) {
  sim::ClockParts parts = build_clock(config, seed);
  parts.record = false;
  return sim::run_clock(parts, {.tick = tick});
}

Run build_run(const RunConfig& run, uint64_t seed, SharedInputs& inputs, const PretrainProgress& progress) {
  LearningData data =
      std::visit([&](const auto& config) { return learning_data(run, config, seed, inputs); }, run.data);
  PlayerParts parts;
  parts.objective = inputs.objective(run);
  parts.data = std::move(data.owner);
  const models::RoundSchedule schedule{build_schedule(run), run.local.batch_size, run.local.first_step_at_peak};
  parts.trainer =
      std::make_unique<models::LocalTrainer>(*parts.objective, run.local.optimizer, schedule, std::move(data.shards));
  parts.evaluator = std::make_unique<models::Evaluator>(*parts.objective, std::move(data.validation));
  parts.fragments = build_fragments(run, parts.objective->layout());
  if (parts.fragments.empty()) parts.servers = build_server_parts(run, parts.objective->layout());
  for (const models::Fragment& fragment : parts.fragments)
    for (ServerParts& server : build_server_parts(run, fragment.layout)) parts.servers.push_back(std::move(server));
  if (run.trains_on()) parts.landing = [run](const models::ParamLayout& layout) { return build_landing(run, layout); };
  parts.mean_returns = run.own_step();
  parts.corrections = build_corrections(run);
  parts.update_weight = run.update_weight_value();
  parts.tokens_per_example = run.context();
  parts.batch = build_batches(run);
  parts.payload = run.payload;
  parts.keep_optimizer_state = run.local.keep_state;
  parts.start = *inputs.start(run, seed, progress);
  parts.workers = run.worker_count();
  return {[run, seed, sizes = std::move(data.shard_sizes)] { return build_parts(run, seed, sizes); },
          std::make_unique<Player>(std::move(parts), inputs.pool())};
}

RunLog play(const Run& run, const PlayOptions& options, std::optional<CheckpointReader> from) {
  std::optional<int64_t> cut = from ? Player::cut_of(*from) : std::nullopt;
  for (;;) {
    sim::Score score;
    sim::ClockParts parts = run.clock();
    sim::ClockLog log = sim::run_clock(parts, {.write = sim::append_to(score), .most_actions = cut});
    if (from) run.player->restore(*from, score);
    from.reset();
    run.player->play(score, options);
    if (run.player->cut() == cut) return run.player->join(std::move(log));
    cut = run.player->cut();
  }
}

}  // namespace experiments
