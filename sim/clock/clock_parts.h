#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/clock/counters.h"
#include "sim/clock/course.h"
#include "sim/clock/prices.h"
#include "sim/network/network.h"
#include "sim/network/service_queue.h"
#include "sim/per_worker.h"
#include "sim/rounds/round_policy.h"
#include "sim/rounds/shard_choice.h"
#include "sim/rounds/sync_plan.h"
#include "sim/workers/availability.h"
#include "sim/workers/speed_model.h"
#include "sim/workers/step_jitter.h"

namespace sim {

/// The run ends at the first limit reached.
struct StopRule {
  std::optional<int64_t> local_steps, server_updates, tokens;
  std::optional<Time> time;

  /// Of what is counted; the time is for who moves the clock.
  bool reached(const Counters& at) const {
    return (local_steps && at.local_steps >= *local_steps) ||
           (server_updates && at.server_updates >= *server_updates) || (tokens && at.tokens >= *tokens);
  }
};

/// Exactly one is given.
struct EvaluationRule {
  std::optional<int64_t> local_steps, server_updates;
  std::optional<Duration> time;

  /// Whether what is counted has passed a multiple of the interval since the evaluation at `last`.
  bool due(const Counters& at, const Counters& last) const {
    return (local_steps && at.local_steps / *local_steps > last.local_steps / *local_steps) ||
           (server_updates && at.server_updates / *server_updates > last.server_updates / *server_updates);
  }
};

/// Who computes. Workers that are alike share what makes them so.
struct Workers {
  size_t count = 0;
  PerWorker<std::shared_ptr<const SpeedModel>> speed;
  bool fails = false;                                           ///< whether a speed has times in which it is down
  PerWorker<std::shared_ptr<const StepJitter>> jitter;          ///< null: none
  PerWorker<std::shared_ptr<const Availability>> availability;  ///< null: always up
  PerWorker<double> dropout;                                    ///< probability of each round to be lost
  PerWorker<int64_t> batch{std::vector<int64_t>{1}};            ///< examples of an inner step
  PerWorker<int> server;  ///< whose model it trains, and who gets its pseudo-gradients: an index into the servers
};

/// A node above workers: when it acts, and how long that takes. The last one is the root, the parent of the others.
struct Server {
  std::vector<std::unique_ptr<RoundPolicy>> policies;  ///< one per fragment, or one that asks for them
  int64_t arrivals_per_update = 1;        ///< how many applied pseudo-gradients (or means of them) make one update
  std::optional<int64_t> most_staleness;  ///< what is staler is not applied
  Duration service{0};                    ///< time for each arrival, or its mean; first come, first served
  ServiceTimes service_times = ServiceTimes::constant;
  /// Not of the root: after so many updates since it last took over its parent's model it sends what has changed since
  /// then, once, and works on until the answer comes. A server with a policy that waits for all its workers sends
  /// between two rounds.
  int64_t updates_per_send = 1;
};

/// What travels about a fragment.
struct FragmentBytes {
  uint64_t model = 0;
  std::optional<uint64_t> upload = {};  ///< of a pseudo-gradient; none: as the model

  uint64_t pseudo_gradient() const { return upload.value_or(model); }
};

/// The parts of one run's clock.
struct ClockParts {
  Workers workers;
  std::vector<Server> servers;
  std::unique_ptr<Network> network;
  std::unique_ptr<SyncPlan> plan;
  std::unique_ptr<ShardChoice> shard_choice;
  uint64_t seed = 0;  ///< of the draws for lost rounds and service times
  int shards = 1;
  int64_t tokens_per_example = 1;
  std::vector<FragmentBytes> fragments{1};  ///< of the model; each travels by itself
  std::optional<Overlap> overlap;           ///< none: a worker with one fragment trains whole rounds
  std::optional<StepPhases> phases;         ///< none: messages leave and are needed between steps
  std::optional<Prices> prices;             ///< none: nothing has any
  StopRule stop;
  EvaluationRule evaluate;
  bool record = true;  ///< keep updates, spans and fingerprint; off for statistics of huge populations
};

}  // namespace sim
