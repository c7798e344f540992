#include <models/nn/transformer.h>
#include <sim/clock/run_clock.h>
#include <sim/network/private_links.h>
#include <sim/workers/steady.h>
#include <cstdio>

/// Two workers at 1 and 3 s a step, 2 steps a round, meet at a barrier: four rounds take 24 s.
int main() {
  sim::ClockParts parts;
  parts.workers.count = 2;
  parts.workers.speed = sim::PerWorker<std::shared_ptr<const sim::SpeedModel>>(
      {std::make_shared<sim::SteadySpeed>(1.0), std::make_shared<sim::SteadySpeed>(3.0)});
  parts.network = std::make_unique<sim::PrivateLinks>(std::vector<sim::PrivateLink>(1));
  parts.servers.emplace_back().policies.push_back(sim::make_barrier(2));
  parts.plan = sim::make(sim::EqualStepsConfig{2}, {});
  parts.shard_choice = sim::make(sim::ChooseFixed{}, {std::vector<int64_t>(1, 1)});
  parts.stop.server_updates = 4;
  const double seconds = sim::to_seconds(sim::run_clock(parts).final.time);
  std::printf("%g s, %zu parameters\n", seconds, models::make_transformer({})->layout().parameters());
  return seconds == 24 ? 0 : 1;
}
