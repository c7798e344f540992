#include "sim/clock/run_clock.h"
#include "sim/network/private_links.h"
#include "sim/network/ring_all_reduce.h"
#include "sim/workers/steady.h"
#include "tests/support/catch.h"

using namespace sim;
using namespace std::chrono_literals;

namespace {

/// Two workers, a step of 6 s and two layers: forward 1 s each, backward 2 s each, the last layer first. A reduction of
/// a layer takes so long; the ring does one after another. Four rounds of one step.
ClockParts parts_of(double reduction_seconds, int64_t overlap, bool by_layer = true) {
  ClockParts parts;
  parts.workers.count = 2;
  parts.workers.speed = PerWorker<std::shared_ptr<const SpeedModel>>(
      {std::make_shared<SteadySpeed>(6.0), std::make_shared<SteadySpeed>(6.0)});
  const LinkSpec link{{}, 1000.0 / reduction_seconds};
  parts.network = std::make_unique<RingAllReduce>(PerWorker<PrivateLink>({{link, link}}), 2, MessageNumbers{2});
  parts.servers.emplace_back();
  for (int f = 0; f < 2; ++f) parts.servers[0].policies.push_back(make_barrier(2));
  parts.plan = make(EqualStepsConfig{1}, {});
  parts.shard_choice = make(ChooseFixed{}, {{1}, 0});
  parts.fragments.assign(2, {.model = 1000, .upload = {}});
  if (by_layer)
    parts.phases =
        StepPhases{.parts = 6,
                   .forward = 2,
                   .fragments = {{.turn = 0, .ready = 6, .needed = 0}, {.turn = 0, .ready = 4, .needed = 1}}};
  else
    parts.phases = StepPhases{.parts = 1, .forward = 1, .fragments = {{.turn = 0}, {.turn = 0}}};
  parts.overlap = Overlap{overlap};
  parts.stop.server_updates = 4;
  parts.evaluate.server_updates = 4;
  return parts;
}

Duration makespan(double reduction_seconds, int64_t overlap, bool by_layer = true) {
  ClockParts parts = parts_of(reduction_seconds, overlap, by_layer);
  const ClockLog log = run_clock(parts);
  CHECK(log.final.local_steps >= 8);
  for (const WorkerUse& use : log.workers)
    CHECK(use.compute + use.upload + use.download + use.wait + use.down == log.final.time - kTimeZero);
  return log.final.time - kTimeZero;
}

/// One step a round; counts the steps that it is told of worker 0.
class Told final : public SyncPlan {
 public:
  explicit Told(int64_t& steps) : steps_(steps) {}
  Stretch next(NodeId) const override { return {1}; }
  void observe(NodeId worker, int64_t steps, Duration took) override {
    if (worker != 0) return;
    CHECK(took == steps * 6s);
    steps_ += steps;
  }

 private:
  int64_t& steps_;
};

}  // namespace

TEST_CASE("reductions of a layer overlap with the backward pass, and the next forward pass waits for each") {
  // Layer 1 is ready after 4 s, layer 0 after 6. Of 1 s: 4 to 5 and 6 to 7, when the next step begins: 7 s a step.
  CHECK(makespan(1, 0) == 28s);
  // Of 3 s: 4 to 7 and 7 to 10.
  CHECK(makespan(3, 0) == 40s);
  // Between two steps instead: 6 s and both reductions.
  CHECK(makespan(3, 0, false) == 48s);
  // A step later is early enough for reductions of 2 s: the last layer's ends with the last step, then the first's.
  CHECK(makespan(2, 1) == 26s);
  // Of 4 s they take longer than a step: from 4 s on the link is never idle.
  CHECK(makespan(4, 1) == 36s);
}

TEST_CASE("what a step trains on has landed before its forward pass needs it, and what it sends comes after") {
  ClockParts parts = parts_of(3, 0);
  Score score;
  run_clock(parts, {.write = append_to(score)});
  std::vector<int> merged(2, 0), sent(2, 0);  // of worker 0, by layer
  int trained = 0;
  for (const Action& action : score) {
    if (const auto* a = std::get_if<Merge>(&action); a && a->into == 0) ++merged[static_cast<size_t>(a->fragment)];
    if (const auto* a = std::get_if<Send>(&action); a && a->from == 0) {
      ++sent[static_cast<size_t>(a->fragment)];
      CHECK(sent[static_cast<size_t>(a->fragment)] == trained);
    }
    if (const auto* a = std::get_if<Train>(&action); a && a->worker == 0) {
      CHECK(a->steps == 1);
      ++trained;
      CHECK(merged == std::vector<int>(2, trained));
    }
  }
  CHECK(trained == 4);
}

TEST_CASE("a worker that was lost in the middle of a step tells its plan of every step after that") {
  ClockParts parts = parts_of(1, 0);
  const LinkSpec link{{}, 1000.0};
  parts.network = std::make_unique<PrivateLinks>(PerWorker<PrivateLink>({{link, link}}), MessageNumbers{2}, 2);
  std::vector<std::shared_ptr<const Availability>> there(2);
  there[0] = make_scheduled_availability({{kTimeZero, kTimeZero + 7s}, {kTimeZero + 8s, Time::max()}});
  parts.workers.availability = PerWorker(std::move(there));
  int64_t told = 0;
  parts.plan = std::make_unique<Told>(told);
  const ClockLog log = run_clock(parts);
  CHECK(log.crashes == 1);
  CHECK(told == 4);
}
