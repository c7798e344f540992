#include <map>

#include "experiments/config/fields.h"
#include "experiments/run/build.h"
#include "experiments/run/what_if.h"
#include "sim/clock/critical_path.h"
#include "sim/random.h"
#include "tests/support/catch.h"
#include "tests/support/kinds.h"
#include "tests/support/tiny_experiment.h"

using namespace experiments;
using sim::Duration;
using sim::PathCause;
using sim::PathStretch;
using sim::Time;

namespace {

sim::ClockLog clock_of_run(const RunConfig& run, uint64_t seed = 3) {
  sim::ClockParts parts = build_clock(run, seed);
  return sim::run_clock(parts);
}

Duration makespan(const std::optional<RunConfig>& run) {
  REQUIRE(run.has_value());
  return clock_of_run(*run).final.time - sim::kTimeZero;
}

bool may_be(PathCause cause, Activity activity) {
  switch (cause) {
    case PathCause::compute:
      return activity == Activity::compute;
    case PathCause::upload:
      return activity == Activity::upload;
    case PathCause::download:
      return activity == Activity::download;
    case PathCause::down:
      return activity == Activity::down;
    default:
      return cause == PathCause::lost && activity != Activity::wait && activity != Activity::down;
  }
}

/// The stretches cover the run without gap, say what their workers did, and their sums add up to it to the nanosecond.
void adds_up(const sim::ClockLog& log) {
  const sim::CriticalPath& path = log.path;
  REQUIRE((log.final.time == sim::kTimeZero || !path.stretches.empty()));
  std::map<std::pair<sim::NodeId, Time>, Span> spans;  // by begin
  for (const Span& span : log.spans) spans[{span.worker, span.begin}] = span;
  Time until{};
  for (const PathStretch& stretch : path.stretches) {
    REQUIRE(stretch.begin == until);
    REQUIRE(stretch.end > stretch.begin);
    until = stretch.end;
    REQUIRE((stretch.worker == sim::kNobody) == (stretch.cause >= PathCause::service));
    if (stretch.worker == sim::kNobody) continue;
    const auto after = spans.upper_bound({stretch.worker, stretch.begin});
    REQUIRE(after != spans.begin());
    const Span& span = std::prev(after)->second;
    REQUIRE(span.worker == stretch.worker);
    REQUIRE(span.end >= stretch.end);
    REQUIRE(may_be(stretch.cause, span.activity));
  }
  REQUIRE(until == log.final.time);
  Duration shares{}, late{};
  for (const sim::PathShare& share : path.shares) shares += share.time;
  for (const sim::Lateness& one : path.late) {
    late += one.time;
    REQUIRE(one.waits <= path.waits);
  }
  REQUIRE(shares == log.final.time - sim::kTimeZero);
  REQUIRE(late <= shares);
}

/// Five workers at 1 s a step, 10 steps a round at a barrier, 20 rounds; links of 0.1 s and 0.5 s.
Json even() {
  Json document =
      tiny::with(tiny::document(), {{"/workers", R"([{"count": 5, "speed": {"kind": "steady", "seconds_per_step": 1},
                         "download": {"latency_seconds": 0.1}, "upload": {"latency_seconds": 0.5}}])"},
                                    {"/local_steps", R"({"kind": "equal", "steps": 10})"},
                                    {"/stop", R"({"server_updates": 20})"},
                                    {"/stand_in", R"({"parameters": 1000000, "bytes": 4000000})"}});
  return document;
}

/// The same with the last worker's own settings.
Json one_otherwise(const std::string& pointer, const std::string& json) {
  Json document = even();
  document["workers"].push_back(document["workers"][0]);
  document["workers"][0]["count"] = 4;
  document["workers"][1]["count"] = 1;
  return tiny::with(document, {{"/workers/1" + pointer, json}});
}

}  // namespace

TEST_CASE("for every kind of everything the critical path adds up to the makespan exactly, or is said not to be told") {
  int told = 0;
  for (const tests::Kind& kind : tests::KindCollector::all()) {
    INFO(kind.list << " " << kind.name);
    const RunConfig run = tiny::run_of(tests::with_kind(tiny::document(), kind));
    const std::string untold = sim::path_untold(build_clock(run, 3));
    CHECK(untold.empty() == !(run.trains_on() || run.region_servers));
    const sim::ClockLog log = clock_of_run(run);
    if (untold.empty()) adds_up(log);
    CHECK(log.path.stretches.empty() != untold.empty());
    told += untold.empty();
  }
  CHECK(told > 60);
}

TEST_CASE("in random worlds the critical path adds up to the makespan exactly, whoever waits, fails or shares a link") {
  const std::vector<std::string> policies = {
      R"({"kind": "barrier"})",
      R"({"kind": "quorum", "workers": 3, "seconds": 9})",
      R"({"kind": "quorum", "workers": 2, "seconds": 0})",
      R"({"kind": "grace-window", "seconds": 0})",
      R"({"kind": "grace-window", "seconds": 2.5})",
  };
  const std::vector<std::string> networks = {
      R"({"kind": "private"})",
      R"({"kind": "shared", "ingress": {"bytes_per_second": 3e4}, "egress": {"bytes_per_second": 1e5}})",
      R"({"kind": "ring"})", R"({"kind": "all-gather"})"};
  const sim::RandomStream draw(21, "worlds");
  uint64_t draws = 0;
  const auto pick = [&](const std::vector<std::string>& all) { return all[draw.below(all.size(), draws++)]; };
  for (int trial = 0; trial < 300; ++trial) {
    const std::string policy = pick(policies);
    const std::string network = policy == policies[0] ? pick(networks) : networks[draw.below(2, draws++)];
    Json document = tiny::with(tiny::document(), {{"/policy", policy}, {"/network", network}});
    document["server"]["seconds_per_update"] = draw.below(2, draws++) ? 0.3 : 0.0;
    document["server"]["exponential"] = draw.below(2, draws++) == 1;
    if (draw.below(3, draws++) == 0) document["stop"] = Json{{"simulated_seconds", 150}};
    for (Json& worker : document["workers"]) {
      worker["upload"] = worker["download"] =
          Json{{"latency_seconds", 0.1 * static_cast<double>(draw.below(3, draws++))}, {"bytes_per_second", 4e4}};
      const bool may_leave = network == networks[0] || network == networks[1];
      if (draw.below(3, draws++) == 0 && may_leave)
        worker["availability"] = Json{{"kind", "random"}, {"mean_up_seconds", 30}, {"mean_down_seconds", 8}};
      if (draw.below(6, draws++) == 0 && may_leave)
        worker["availability"] = Json{{"kind", "scheduled"}, {"join_at_seconds", 3}, {"leave_at_seconds", 40}};
      if (draw.below(4, draws++) == 0) worker["dropout"] = 0.3;
      if (draw.below(4, draws++) == 0)
        worker["failures"] =
            Json{{"mean_seconds_between", 30}, {"restart_seconds", 4}, {"checkpoint_every_seconds", 8}};
      if (draw.below(3, draws++) == 0) worker["jitter"] = Json{{"kind", "lognormal"}, {"sigma", 0.3}};
      if (draw.below(4, draws++) == 0)
        worker["slow_spells"] = Json{{"mean_seconds_between", 20}, {"mean_seconds", 5}, {"factor", 5}};
    }
    // A worker whose rounds take no time at all, and that somebody else holds up.
    if (policy != policies[3] && network == networks[0] && draw.below(3, draws++) == 0) {
      document["workers"][0] = Json{{"speed", {{"kind", "hardware"}, {"flops_per_second", 1e21}}}};
      document["server"]["seconds_per_update"] = 0;
    }
    INFO(trial << ": " << document["policy"].dump() << document["network"].dump() << document["workers"].dump());
    adds_up(clock_of_run(tiny::run_of(document), draws));
  }
}

TEST_CASE(
    "nobody costs anything among equals; one straggler costs (f − 1) · H · step a round, exactly, and so does its "
    "median speed give back") {
  CHECK(clock_of_run(tiny::run_of(even())).path.late.empty());
  for (const double factor : {1.16, 1.4, 2.03}) {
    const RunConfig run = tiny::run_of(one_otherwise("/speed/seconds_per_step", std::to_string(factor)));
    const sim::ClockLog log = clock_of_run(run);
    REQUIRE(log.path.late.size() == 1);
    CHECK(log.path.late[0].worker == 4);
    CHECK(log.path.late[0].waits == 20);
    CHECK(log.path.waits == 20);
    CHECK(log.path.late[0].time == 20 * sim::from_seconds((factor - 1) * 10));
    CHECK(slowest_worker(run) == 4);
    const Duration otherwise = makespan(with_median_speed(run, 4));
    CHECK(log.final.time - sim::kTimeZero - otherwise == log.path.late[0].time);
    CHECK(otherwise == makespan(tiny::run_of(even())));
    CHECK(makespan(with_equal_speeds(run)) == otherwise);
  }
}

TEST_CASE("faults that are put in are found again: what a barrier's run would be without them is what it was before") {
  /// The fault, and the change that should undo it.
  const auto found_again = [](const Json& before, const Json& after, const auto& change) {
    const RunConfig faulty = tiny::run_of(after);
    const double was = sim::to_seconds(makespan(tiny::run_of(before))), is = sim::to_seconds(makespan(faulty)),
                 would_be = sim::to_seconds(makespan(change(faulty)));
    CHECK(is / was > 1.1);
    CHECK(is / would_be == Approx(is / was).epsilon(0.02));
  };
  const auto twice = [](const RunConfig& run) { return with_bandwidth(run, 2); };
  for (const double factor : {1.16, 1.4, 2.03})
    found_again(even(), one_otherwise("/speed/seconds_per_step", std::to_string(factor)),
                [](const RunConfig& run) { return with_median_speed(run, slowest_worker(run)); });
  // A worker's link: 4 MB at 1 MB/s.
  Json links = even();
  links["workers"][0]["upload"]["bytes_per_second"] = 1e6;
  Json slow_link = one_otherwise("/upload/bytes_per_second", "5e5");
  slow_link["workers"][0]["upload"]["bytes_per_second"] = 1e6;
  found_again(links, slow_link, twice);
  found_again(links, slow_link, [](const RunConfig& run) {
    CHECK(slowest_link(run) == 4);
    return with_median_link(run, slowest_link(run));
  });
  // The server's.
  const auto server = [](const char* bytes_per_second) {
    return tiny::with(even(), {{"/network", std::string(R"({"kind": "shared", "ingress": {"bytes_per_second": )") +
                                                bytes_per_second + "}}"}});
  };
  found_again(server("4e6"), server("2e6"), twice);
  Json failing = even();
  failing["workers"][0]["availability"] = Json{{"kind", "random"}, {"mean_up_seconds", 200}, {"mean_down_seconds", 40}};
  failing["workers"][0]["slow_spells"] = Json{{"mean_seconds_between", 100}, {"mean_seconds", 20}, {"factor", 3}};
  found_again(even(), failing, without_failures);
  Json far = even();
  far["workers"][0]["upload"]["latency_seconds"] = 3;
  Json near = even();
  near["workers"][0]["upload"]["latency_seconds"] = near["workers"][0]["download"]["latency_seconds"] = 0;
  found_again(near, far, without_latency);
}

TEST_CASE("without waiting a straggler costs its share of the work, and a window's lateness no more than the window") {
  const auto asynchronous = [](Json document, const char* seconds) {
    return tiny::run_of(
        tiny::with(document, {{"/policy", std::string(R"({"kind": "grace-window", "seconds": )") + seconds + "}"},
                              {"/stop", R"({"local_steps": 20000})"}}));
  };
  const Json slow = one_otherwise("/speed/seconds_per_step", "2.03");
  const RunConfig run = asynchronous(slow, "0");
  const sim::ClockLog log = clock_of_run(run);
  CHECK(log.path.late.empty());
  // Rounds take 10.6 s and 20.9 s: 5 / (4 + 10.6 / 20.9) of the time, not 20.9 / 10.6.
  const double ratio = sim::to_seconds(log.final.time) / sim::to_seconds(makespan(with_median_speed(run, 4)));
  CHECK(ratio == Approx(5 / (4 + 10.6 / 20.9)).epsilon(0.02));
  const sim::ClockLog window = clock_of_run(asynchronous(slow, "2"));
  for (const sim::Lateness& late : window.path.late) CHECK(late.time <= late.waits * sim::from_seconds(2));
}

TEST_CASE("a worker taken from its entry is the worker it was") {
  const Json document = tiny::with(
      even(),
      {{"/workers", R"([{"count": 3, "profile": {"kind": "lognormal", "sigma": 0.4}, "speed": {"seconds_per_step": 2},
                                 "slow_spells": {"mean_seconds_between": 30}, "jitter": {"kind": "exponential"},
                                 "availability": {"kind": "random", "mean_up_seconds": 100, "mean_down_seconds": 9}},
                                {"count": 4, "profile": {"kind": "very"}, "dropout": 0.1, "upload": {"bytes_per_second": 1e17}},
                                {"count": 2, "speed": {"kind": "traced", "file": "catalog/traces/shared_machine.csv", "end": "repeat"}}])"}});
  const RunConfig run = tiny::run_of(document);
  const auto apart = with_median_link(run, 6);  // 1e17 B/s or unlimited: no nanosecond's difference
  REQUIRE(apart.has_value());
  CHECK(apart->workers.size() == 9);
  CHECK(clock_of_run(*apart).fingerprint == clock_of_run(run).fingerprint);
}

TEST_CASE("what-ifs change one thing, and nothing where there is nothing to change") {
  const RunConfig run =
      tiny::run_of(tiny::with(tiny::document(), {{"/policy", R"({"kind": "quorum", "workers": 4, "seconds": 1})"}}));
  CHECK(with_median_speed(run, 3).has_value());
  CHECK_FALSE(with_median_link(run, 3).has_value());
  CHECK_FALSE(with_bandwidth(run, 2).has_value());
  CHECK_FALSE(without_latency(run).has_value());
  CHECK_FALSE(without_failures(run).has_value());
  CHECK_FALSE(with_equal_speeds(*with_equal_speeds(run)).has_value());
  const auto fewer = without_worker(run, slowest_worker(run));
  REQUIRE(fewer.has_value());
  CHECK(fewer->worker_count() == 3);
  CHECK(std::get<QuorumConfig>(fewer->policy).workers == 3);
  CHECK(slowest_worker(*fewer) == 2);
  std::vector<std::string> changes;
  for (const WhatIf& other : what_ifs(run)) changes.push_back(other.change);
  CHECK(changes == std::vector<std::string>{"equal speeds, the median", "worker 3 at the others' median speed",
                                            "without worker 3"});
}

TEST_CASE("every kind of run can be asked what if") {
  for (const tests::Kind& kind : tests::KindCollector::all()) {
    INFO(kind.list << " " << kind.name);
    const RunConfig run = tiny::run_of(tests::with_kind(tiny::document(), kind));
    for (const WhatIf& other : what_ifs(run)) {
      INFO(other.change);
      CHECK(clock_totals(other.run, 3).final.time > sim::kTimeZero);
    }
  }
}
