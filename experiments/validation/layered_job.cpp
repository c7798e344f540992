#include "experiments/validation/layered_job.h"

#include <cmath>
#include <vector>

#include "sim/clock/run_clock.h"
#include "sim/network/ring_all_reduce.h"
#include "sim/workers/steady.h"

namespace experiments {
namespace {

constexpr int kReplicas = 2;  // of whose ring each link carries 2 (2 − 1) / 2 = 1 times what is reduced

/// A plan that outlives its clock.
class Borrowed final : public sim::SyncPlan {
 public:
  explicit Borrowed(std::shared_ptr<sim::SyncPlan> plan) : plan_(std::move(plan)) {}
  sim::Stretch next(sim::NodeId node) const override { return plan_->next(node); }
  void observe(sim::NodeId node, int64_t steps, sim::Duration took) override { plan_->observe(node, steps, took); }

 private:
  std::shared_ptr<sim::SyncPlan> plan_;
};

}  // namespace

LayeredTimes times_of(const LayeredJob& job, double bits_per_second) {
  const size_t layers = job.phases.fragments.size();
  sim::ClockParts parts;
  parts.record = false;
  parts.workers.count = kReplicas;
  parts.workers.speed = sim::PerWorker<std::shared_ptr<const sim::SpeedModel>>(
      {std::make_shared<sim::SteadySpeed>(job.step_seconds), std::make_shared<sim::SteadySpeed>(job.step_seconds)});
  parts.network = std::make_unique<sim::RingAllReduce>(
      sim::PerWorker<sim::PrivateLink>({{.download = {}, .upload = {{}, bits_per_second / 8}}}), kReplicas,
      sim::MessageNumbers{static_cast<int>(layers)});
  sim::Server& server = parts.servers.emplace_back();
  for (size_t l = 0; l < layers; ++l) server.policies.push_back(sim::make_barrier(kReplicas));
  parts.plan = job.plan ? std::make_unique<Borrowed>(job.plan) : sim::make(sim::EqualStepsConfig{job.steps}, {});
  parts.shard_choice = sim::make(sim::ChooseFixed{}, {{1}, 0});
  parts.fragments.assign(layers, {.model = static_cast<uint64_t>(std::llround(job.layer_bits / 8)), .upload = {}});
  parts.phases = job.phases;
  parts.overlap = sim::Overlap{job.overlap};
  parts.stop.server_updates = job.rounds;
  parts.evaluate.server_updates = job.rounds;
  const sim::ClockLog log = sim::run_clock(parts);
  double stalled = 0;
  for (size_t a = 0; a < log.activity_seconds.size(); ++a)
    if (static_cast<sim::Activity>(a) != sim::Activity::compute) stalled += log.activity_seconds[a];
  return {sim::to_seconds(log.final.time), stalled / kReplicas};
}

double utilisation_of(const LayeredJob& job, double bits_per_second) {
  return static_cast<double>(job.rounds * job.steps) * job.step_seconds / times_of(job, bits_per_second).seconds;
}

}  // namespace experiments
