#include <numeric>

#include "tests/support/catch.h"
#include "tests/support/tiny_experiment.h"

// Facts that hold for whole simulated runs whatever their speeds.

using namespace experiments;
using tiny::with;

namespace {

/// A run of the clock alone with these workers, immediate asynchronous updates.
RunLog immediate(const std::string& workers, int64_t updates) {
  return tiny::clock(with(tiny::document(), {{"/workers", workers},
                                             {"/policy", R"({"kind": "grace-window", "seconds": 0})"},
                                             {"/stop", R"({"server_updates": )" + std::to_string(updates) + "}"},
                                             {"/evaluation/every", R"({"server_updates": 1000000})"}}));
}

}  // namespace

TEST_CASE("immediate asynchronous updates are k - 1 updates stale in the mean, whatever the speeds") {
  // Every update makes each of the k − 1 rounds in flight one update staler, as long as no two arrive at one instant.
  // Of the whole sum only what the k rounds under way at the end have gathered is missing: at most the ratio of the
  // speeds for each.
  const std::string workers = GENERATE(
      as<std::string>{}, R"([{"count": 7, "speed": {"seconds_per_step": 1.0}, "jitter": {"kind": "exponential"}}])",
      R"([{"speed": {"seconds_per_step": 0.1}}, {"speed": {"seconds_per_step": 1.0300071}}, {"speed": {"seconds_per_step": 7.7000237}}])",
      R"([{"profile": {"kind": "lognormal", "sigma": 0.7}, "count": 16}])");
  const int64_t updates = 20'000;
  const RunLog log = immediate(workers, updates);
  const auto k = static_cast<double>(log.workers.size());
  CHECK(*log.staleness_updates.mean() == Approx(k - 1).margin(k * 80 / static_cast<double>(updates)));
}

TEST_CASE("bytes and seconds are conserved in a world with everything in it") {
  const std::string policy =
      GENERATE(as<std::string>{}, R"({"kind": "barrier"})", R"({"kind": "grace-window", "seconds": 2})",
               R"({"kind": "quorum", "workers": 5, "seconds": 30})");
  const RunLog log = tiny::clock(with(
      tiny::document(),
      {{"/workers", R"([{"count": 8, "profile": {"kind": "moderate"}, "jitter": {"kind": "lognormal", "sigma": 0.3},
           "slow_spells": {"mean_seconds_between": 60, "mean_seconds": 20, "factor": 3},
           "availability": {"kind": "random", "mean_up_seconds": 200, "mean_down_seconds": 50},
           "upload": {"latency_seconds": 0.1, "bytes_per_second": 40000}, "download": {"latency_seconds": 0.1}}])"},
       {"/network",
        R"({"kind": "shared", "ingress": {"bytes_per_second": 100000}, "egress": {"bytes_per_second": 100000}})"},
       {"/server", R"({"seconds_per_update": 0.2})"},
       {"/payload", R"({"kind": "int8"})"},
       {"/policy", policy},
       {"/stop", R"({"simulated_seconds": 3000})"}}));
  CHECK(log.final.time == sim::kTimeZero + std::chrono::seconds(3000));
  REQUIRE(log.workers.size() == 8);
  int64_t steps = 0;
  for (const WorkerUse& use : log.workers) {
    CHECK(use.compute + use.upload + use.download + use.wait + use.down == log.final.time - sim::kTimeZero);
    steps += use.local_steps;
  }
  CHECK(steps == log.final.local_steps);
  CHECK(log.crashes > 0);
  // Spans of every worker follow each other without gap from 0 to the end.
  std::vector<sim::Time> end(8, sim::kTimeZero);
  for (const Span& span : log.spans) {
    CHECK(span.begin == end[static_cast<size_t>(span.worker)]);
    end[static_cast<size_t>(span.worker)] = span.end;
  }
  for (const sim::Time t : end) CHECK(t == log.final.time);
  // Every arrival was sent up once; what else was sent is under way at the end or was lost in a crash while uploading.
  const auto arrivals = static_cast<uint64_t>(log.updates.size());
  const uint64_t upload = log.final.bytes_up / std::max<uint64_t>(arrivals, 1);
  CHECK(log.final.bytes_up >= arrivals * upload);
  CHECK(log.lost_steps >= log.dropped_steps + log.crashed_steps);
}

TEST_CASE("crashes of one worker leave all other workers' speeds, crashes and lost rounds untouched") {
  const auto world = [](const std::string& last) {
    return with(tiny::document(),
                {{"/workers",
                  R"([{"count": 3, "speed": {"seconds_per_step": 1}, "jitter": {"kind": "exponential"}, "dropout": 0.2,
           "availability": {"kind": "random", "mean_up_seconds": 300, "mean_down_seconds": 30}}, )" +
                      last + "]"},
                 {"/policy", R"({"kind": "grace-window", "seconds": 0})"},
                 {"/stop", R"({"simulated_seconds": 2000})"}});
  };
  const auto of_others = [](const RunLog& log) {
    std::vector<std::tuple<sim::Time, sim::NodeId, bool>> arrivals;
    for (const UpdateRecord& u : log.updates)
      if (u.worker < 3) arrivals.push_back({u.time, u.worker, u.dropped});
    return arrivals;
  };
  const RunLog calm = tiny::clock(world(R"({"speed": {"seconds_per_step": 1}})"));
  const RunLog wild = tiny::clock(world(
      R"({"speed": {"seconds_per_step": 0.1}, "jitter": {"kind": "pareto", "alpha": 1.5}, "availability": {"kind": "random", "mean_up_seconds": 20, "mean_down_seconds": 5}})"));
  CHECK(of_others(calm) == of_others(wild));
  CHECK(wild.crashes > calm.crashes);
}
