#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/clock/counters.h"
#include "sim/network/network.h"
#include "sim/network/service_queue.h"
#include "sim/rounds/round_policy.h"
#include "sim/rounds/shard_choice.h"
#include "sim/rounds/work_plan.h"
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

/// The parts of one run's clock.
struct ClockParts {
  std::vector<std::shared_ptr<const SpeedModel>> speeds;  ///< one a worker; like workers may share one
  std::vector<std::shared_ptr<const StepJitter>> jitter;  ///< one a worker, null: none; or empty: nobody has any
  std::vector<std::shared_ptr<const Availability>>
      availability;  ///< one a worker, null: always up; or empty: everybody is
  std::unique_ptr<Network> network;
  std::unique_ptr<RoundPolicy> policy;
  std::unique_ptr<WorkPlan> plan;
  std::unique_ptr<ShardChoice> shard_choice;
  std::vector<double> dropout;  ///< probability of each worker's rounds to be lost; or empty: nobody's are
  uint64_t seed = 0;            ///< of the draws for it
  int shards = 1;
  int64_t tokens_per_step = 1;
  int64_t arrivals_per_update = 1;  ///< how many applied pseudo-gradients (or means of them) make one server update
  std::optional<int64_t> most_staleness;  ///< what is staler is not applied
  uint64_t model_bytes = 0;               ///< of a model
  std::optional<uint64_t> upload_bytes;   ///< of a pseudo-gradient; none: as a model
  Duration service{0};                    ///< the server's time for each arrival, or its mean; first come, first served
  ServiceTimes service_times = ServiceTimes::constant;
  StopRule stop;
  EvaluationRule evaluate;
  bool record = true;  ///< keep updates, spans and fingerprint; off for statistics of huge populations

  uint64_t pseudo_gradient_bytes() const { return upload_bytes.value_or(model_bytes); }
};

}  // namespace sim
