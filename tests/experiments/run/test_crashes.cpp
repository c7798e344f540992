#include <map>

#include "experiments/config/experiment_config.h"
#include "experiments/run/build.h"
#include "sim/rounds/round_policy.h"
#include "tests/support/catch.h"
#include "tests/support/times.h"
#include "tests/support/tiny_experiment.h"

using namespace std::chrono_literals;
using experiments::RunLog;
using sim::Duration;
using sim::kTimeZero;
using sim::Time;
using tests::at;

namespace {

/// Up except in the given intervals.
class Outages final : public sim::Availability {
 public:
  explicit Outages(std::vector<std::pair<Time, Time>> downs) : downs_(std::move(downs)) {}
  Period at(Time now) const override {
    for (const auto& [begin, end] : downs_) {
      if (now < begin) return {true, begin};
      if (now < end) return {false, end};
    }
    return {true, Time::max()};
  }

 private:
  std::vector<std::pair<Time, Time>> downs_;
};

using Downs = std::map<int, std::vector<std::pair<Time, Time>>>;
/// Four workers at 1 s a step, 10 steps a round, no network: a round takes 10 s.
experiments::Json even(const std::string& policy) {
  return tiny::with(tiny::homogeneous(),
                    {{"/workers", R"([{"count": 4, "speed": {"kind": "steady", "seconds_per_step": 1}}])"},
                     {"/local_steps", R"({"kind": "equal", "steps": 10})"},
                     {"/policy", policy},
                     {"/stop", R"({"simulated_seconds": 100})"},
                     {"/local/learning_rate/total_steps", "100"}});
}

RunLog clock_with(const experiments::Json& json, const Downs& downs, Duration service = {}) {
  auto parts = experiments::build_clock(tiny::run_of(json), 1);
  std::vector<std::shared_ptr<const sim::Availability>> there(parts.workers.count);
  for (const auto& [worker, intervals] : downs)
    there[static_cast<size_t>(worker)] = std::make_shared<Outages>(intervals);
  parts.workers.availability = sim::PerWorker(std::move(there));
  parts.servers.back().service = service;
  return experiments::joined(sim::run_clock(parts), {});
}

const std::string kBarrier = R"({"kind": "barrier"})";
const std::string kImmediate = R"({"kind": "grace-window", "seconds": 0})";

/// Every second of every worker is spent once, and every step begun is applied or lost for one of the three reasons.
void conserves(const RunLog& log) {
  for (const auto& use : log.workers)
    CHECK(use.compute + use.upload + use.download + use.wait + use.down == log.final.time - kTimeZero);
  double seconds = 0;
  for (const double s : log.activity_seconds) seconds += s;
  CHECK(seconds == Approx(sim::to_seconds(log.final.time) * static_cast<double>(log.workers.size())));
  CHECK(log.lost_steps >= log.dropped_steps + log.crashed_steps);
}

}  // namespace

TEST_CASE(
    "a crash loses the round in progress; asynchronously the others go on, and the worker returns with a new round") {
  // Worker 1 is down from 15 to 23 s: its second round (10 to 20) is lost, its third runs from 23 to 33.
  const RunLog log = clock_with(even(kImmediate), {{1, {{at(15s), at(23s)}}}});
  std::vector<Time> arrivals;
  for (const auto& update : log.updates)
    if (update.worker == 1) arrivals.push_back(update.time);
  REQUIRE(arrivals.size() == 8);  // 10, 33, 43, …, 93
  CHECK(arrivals[0] == at(10s));
  CHECK(arrivals[1] == at(33s));
  CHECK(log.crashes == 1);
  CHECK(log.crashed_steps == 10);
  CHECK(log.workers[1].down == 8s);
  CHECK(log.workers[0].rounds == 10);
  conserves(log);
}

TEST_CASE("a barrier waits for a crashed worker that will return, and not for one that has left for good") {
  const RunLog waits = clock_with(even(kBarrier), {{1, {{at(15s), at(23s)}}}});
  REQUIRE(waits.updates.size() >= 8);
  CHECK(waits.updates[4].time == at(33s));  // 23 s + a round
  CHECK(waits.workers[0].wait == 13s);
  conserves(waits);

  const RunLog leaves = clock_with(even(kBarrier), {{1, {{at(15s), Time::max()}}}});
  CHECK(leaves.updates[4].time == at(20s));  // the other three
  CHECK(leaves.updates.size() == 4 + 3 * 9);
  CHECK(leaves.final.server_updates == 10);
  conserves(leaves);
}

TEST_CASE("the last one missing at a barrier may leave: the others then go on at that instant") {
  auto json = even(kBarrier);
  json["workers"] = experiments::Json::parse(
      R"([{"count": 3, "speed": {"kind": "steady", "seconds_per_step": 1}}, {"speed": {"kind": "steady", "seconds_per_step": 9}}])");
  const RunLog log = clock_with(json, {{3, {{at(12s), Time::max()}}}});
  CHECK(log.updates.at(0).time == at(12s));
  CHECK(log.updates.at(3).time == at(22s));
}

TEST_CASE("a pseudo-gradient that has reached the server outlives its worker") {
  auto json = even(kBarrier);
  json["workers"] = experiments::Json::parse(
      R"([{"speed": {"kind": "steady", "seconds_per_step": 1}}, {"speed": {"kind": "steady", "seconds_per_step": 2}}])");
  const RunLog log = clock_with(json, {{0, {{at(12s), at(35s)}}}});  // waiting for worker 1 when it goes down
  CHECK(log.updates.at(0).worker == 0);
  CHECK(log.updates.at(0).time == at(20s));
  CHECK(log.crashes == 0);
  CHECK(log.updates.at(2).time == at(45s));  // back at 35, a round of its own
  conserves(log);
}

TEST_CASE("with a quorum a round goes on without the slow at its deadline; what comes later is dropped and counted") {
  auto json = even(R"({"kind": "quorum", "workers": 3, "seconds": 12})");
  json["workers"] = experiments::Json::parse(
      R"([{"count": 3, "speed": {"kind": "steady", "seconds_per_step": 1}}, {"speed": {"kind": "steady", "seconds_per_step": 3}}])");
  const RunLog log = clock_with(json, {});
  CHECK(log.updates.at(0).time == at(12s));  // rounds close at 12, 24, …
  CHECK(log.updates.at(3).time == at(24s));
  CHECK(log.updates.at(6).worker == 3);  // dispatched at 0, arrives at 30 in the third round
  CHECK(log.updates.at(6).dropped);
  CHECK(log.updates.at(6).time == at(30s));
  CHECK(log.dropped_steps == 30);  // at 30, 60 and 90
  for (const auto& update : log.updates) CHECK((update.dropped || update.staleness_updates == 0));
  conserves(log);
}

TEST_CASE("a worker that joins late takes part from then on, and a run without any worker left ends") {
  const RunLog late = clock_with(even(kImmediate), {{2, {{at(0s), at(50s)}}}});
  CHECK(late.workers[2].rounds == 5);
  CHECK(late.workers[2].down == 50s);
  conserves(late);

  Downs all;
  for (int w = 0; w < 4; ++w) all[w] = {{at(25s), Time::max()}};
  const RunLog none = clock_with(even(kImmediate), all);
  CHECK(none.out_of_workers);
  CHECK(none.final.time == at(25s));
  CHECK(none.final.local_steps == 80);
  CHECK(none.crashed_steps == 40);
}

TEST_CASE("workers that never stay up for a round are an error and not an endless run") {
  class Flicker final : public sim::Availability {
   public:
    Period at(Time now) const override {
      const int64_t second = (now - kTimeZero).count() / 1'000'000'000;
      return {second % 2 == 0, kTimeZero + std::chrono::seconds(second + 1)};
    }
  };
  auto json = even(kImmediate);
  json["stop"] = experiments::Json::parse(R"({"local_steps": 100})");
  auto parts = experiments::build_clock(tiny::run_of(json), 1);
  parts.workers.availability = sim::PerWorker<std::shared_ptr<const sim::Availability>>({std::make_shared<Flicker>()});
  parts.record = false;
  CHECK_THROWS_WITH(sim::run_clock(parts), Catch::Contains("ended with a crash"));
}

TEST_CASE("the server takes arrivals one after another when each costs it time") {
  const RunLog log = clock_with(even(kBarrier), {}, 1s);
  CHECK(log.updates.at(0).time == at(14s));  // four arrivals at 10 s, a second each
  CHECK(log.updates.at(4).time == at(28s));
  const RunLog immediate = clock_with(even(kImmediate), {}, 1s);
  for (int w = 0; w < 4; ++w) CHECK(immediate.updates.at(static_cast<size_t>(w)).time == at((11 + w) * 1s));
  CHECK(immediate.updates.at(4).time == at(22s));  // by then spread out: nobody waits any more
  conserves(immediate);
}

TEST_CASE("a crash during training forgets the worker's optimizer and leaves everything else deterministic") {
  auto json = tiny::with(even(kImmediate), {{"/stop", R"({"simulated_seconds": 60})"}});
  const auto train = [&](int threads) {
    return tiny::train(json, threads, [](sim::ClockParts& parts) {
      const auto outage = std::make_shared<Outages>(std::vector{std::pair{at(15s), at(23s)}});
      parts.workers.availability =
          sim::PerWorker<std::shared_ptr<const sim::Availability>>({nullptr, outage, nullptr, nullptr});
    });
  };
  const auto one = train(1), four = train(4);
  CHECK(one.params == four.params);
  CHECK(one.log.crashes == 1);
  CHECK(std::isfinite(one.log.evaluations.back().loss));
}
