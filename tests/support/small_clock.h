#pragma once
#include <memory>
#include <utility>
#include <vector>

#include "sim/clock/clock_parts.h"
#include "sim/network/private_links.h"
#include "sim/workers/steady.h"

namespace tests {

/// Workers at these seconds a step, 2 steps a round, 1 s for every model and pseudo-gradient on its way.
inline sim::ClockParts parts_of(const std::vector<double>& paces, std::unique_ptr<sim::RoundPolicy> policy) {
  sim::ClockParts parts;
  std::vector<std::shared_ptr<const sim::SpeedModel>> speeds;
  for (const double pace : paces) speeds.push_back(std::make_shared<sim::SteadySpeed>(pace));
  parts.workers.count = paces.size();
  parts.workers.speed = sim::PerWorker(std::move(speeds));
  const sim::LinkSpec link{std::chrono::seconds{1}, 0};
  parts.network = std::make_unique<sim::PrivateLinks>(std::vector<sim::PrivateLink>{{link, link}});
  parts.servers.emplace_back().policies.push_back(std::move(policy));
  parts.plan = sim::make(sim::EqualStepsConfig{2}, {});
  parts.shards = static_cast<int>(paces.size());
  parts.shard_choice = sim::make(sim::ChooseFixed{}, {std::vector<int64_t>(static_cast<size_t>(parts.shards), 1)});
  parts.stop.local_steps = 8;
  parts.evaluate.local_steps = 4;
  return parts;
}

}  // namespace tests
