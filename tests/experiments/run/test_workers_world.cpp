#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "experiments/config/experiment_config.h"
#include "experiments/config/parse.h"
#include "experiments/run/build_model.h"
#include "experiments/run/build_workers.h"
#include "experiments/run/run_key.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/paths.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

// Workers as the experiment file describes them, in whole runs of the clock.

using Catch::Matchers::Contains;
using namespace experiments;
using namespace std::chrono_literals;
using tiny::with;

namespace {

const char* kWindow = R"({"kind": "grace-window", "seconds": 0})";

RunConfig config(const Json& json) { return tiny::parse(json).methods.at(0).run; }

Json workers(const std::string& entries) { return with(tiny::document(), {{"/workers", "[" + entries + "]"}}); }

/// Every worker's compute times, a round at a time.
std::map<int, std::vector<sim::Duration>> compute_times(const RunLog& log) {
  std::map<int, std::vector<sim::Duration>> times;
  for (const Span& span : log.spans)
    if (span.activity == Activity::compute && span.end < log.final.time)
      times[span.worker].push_back(span.end - span.begin);
  return times;
}

/// Whether the shorter list begins the longer one, which has something in it.
bool agree(const std::vector<sim::Duration>& a, const std::vector<sim::Duration>& b) {
  const size_t n = std::min(a.size(), b.size());
  return n > 3 && std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(n), b.begin());
}

void same_times(const RunLog& a, const RunLog& b) {
  REQUIRE(a.updates.size() == b.updates.size());
  for (size_t i = 0; i < a.updates.size(); ++i) {
    REQUIRE(a.updates[i].time == b.updates[i].time);
    REQUIRE(a.updates[i].worker == b.updates[i].worker);
    REQUIRE(a.updates[i].local_steps == b.updates[i].local_steps);
  }
  CHECK(a.final.time == b.final.time);
}

std::string mistakes_of(const Json& json) {
  return error_message<InvalidConfig>([&] { tiny::parse(json); });
}

std::string worker_mistakes_of(const Json& json) {
  std::string all;
  for (const Mistake& mistake : worker_mistakes(config(json))) all += mistake.pointer + " " + mistake.message + "\n";
  return all;
}

}  // namespace

TEST_CASE("the profile very gives the clock of the four published speeds, to the nanosecond") {
  const auto window =
      with(tiny::document(), {{"/policy", R"({"kind": "grace-window", "seconds": 0.5, "mode": "lookahead"})"},
                              {"/local_steps", R"({"kind": "dynamic", "steps": 5})"}});
  same_times(tiny::clock(window),
             tiny::clock(with(window, {{"/workers", R"([{"count": 4, "profile": {"kind": "very"}}])"}})));
}

TEST_CASE("a profile multiplies whatever base speed its entry has") {
  const auto doubled =
      config(workers(R"({"count": 4, "profile": {"kind": "linear", "ratio": 4}, "speed": {"seconds_per_step": 0.5}})"));
  const sim::Workers parts = build_workers(doubled, 1);
  for (size_t w = 0; w < 4; ++w)
    CHECK(sim::finish_time(*parts.speed[static_cast<sim::NodeId>(w)], sim::kTimeZero, 2) ==
          sim::kTimeZero + (w + 1) * 1s);
}

TEST_CASE("a synchronous round of n workers with exponential jitter takes the nth harmonic number on average") {
  constexpr int n = 8, rounds = 4000;
  const auto log =
      tiny::clock(with(workers(R"({"count": 8, "speed": {"seconds_per_step": 2}, "jitter": {"kind": "exponential"}})"),
                       {{"/local_steps", R"({"kind": "equal", "steps": 1})"},
                        {"/stop", R"({"server_updates": 4000, "local_steps": 1000000})"}}));
  double mean = 0.0, variance = 0.0;  // of the maximum of n unit exponentials
  for (int i = 1; i <= n; ++i) {
    mean += 1.0 / i;
    variance += 1.0 / (i * i);
  }
  const double observed = sim::to_seconds(log.final.time) / rounds;
  CHECK(std::abs(observed - 2.0 * mean) < 5.0 * 2.0 * std::sqrt(variance / rounds));
}

TEST_CASE("jitter of a round stretches the round: its mean round is H times the harmonic number, not less") {
  constexpr int rounds = 4000;
  const auto base =
      workers(R"({"count": 2, "speed": {"seconds_per_step": 1}, "jitter": {"kind": "exponential", "per": "round"}})");
  const auto log = tiny::clock(with(base, {{"/stop", R"({"server_updates": 4000, "local_steps": 1000000})"}}));
  CHECK(std::abs(sim::to_seconds(log.final.time) / rounds - 5 * 1.5) < 5.0 * 5.0 * std::sqrt(1.25 / rounds));
}

TEST_CASE("changing one worker's speed leaves all other workers' draws untouched") {
  const auto base = with(workers(R"({"count": 3, "speed": {"seconds_per_step": 1}, "jitter": {"kind": "lognormal"}},
                                    {"speed": {"seconds_per_step": 1}, "jitter": {"kind": "pareto"}})"),
                         {{"/policy", kWindow}});
  const auto before = compute_times(tiny::clock(base));
  const auto after = compute_times(tiny::clock(with(base, {{"/workers/1/speed/seconds_per_step", "0.7"}})));
  for (int w = 0; w < 3; ++w) CHECK(agree(before.at(w), after.at(w)));
  CHECK_FALSE(agree(before.at(3), after.at(3)));
  CHECK_FALSE(agree(before.at(0), before.at(1)));
}

TEST_CASE("a worker's nth round costs the same under every method, and another under another seed") {
  const auto sync = workers(R"({"count": 4, "profile": {"kind": "slight"},
                               "jitter": {"kind": "normal", "deviation": 0.3}})");
  const auto barrier = compute_times(tiny::clock(sync));
  const auto window = compute_times(tiny::clock(with(sync, {{"/policy", kWindow}})));
  const auto seeded = compute_times(tiny::clock(with(sync, {{"/seeds", "[4]"}})));
  for (int w = 0; w < 4; ++w) {
    CHECK(agree(barrier.at(w), window.at(w)));
    CHECK_FALSE(agree(barrier.at(w), seeded.at(w)));
  }
}

TEST_CASE("slow spells come at the same times whatever the base speed and the other workers") {
  const std::string spells = R"("slow_spells": {"mean_seconds_between": 20, "mean_seconds": 5})";
  const sim::Workers a =
      build_workers(config(workers(R"({"count": 2, "speed": {"seconds_per_step": 1}, )" + spells + "}")), 9);
  const sim::Workers b = build_workers(
      config(workers(R"({"speed": {"seconds_per_step": 1}}, {"speed": {"seconds_per_step": 3}, )" + spells + "}")), 9);
  sim::Time now{};
  for (int i = 0; i < 50; ++i) {
    REQUIRE(a.speed[1]->at(now).end == b.speed[1]->at(now).end);
    CHECK(a.speed[1]->at(now).steps_per_second == Approx(3 * b.speed[1]->at(now).steps_per_second));
    now = a.speed[1]->at(now).end;
  }
}

TEST_CASE("a worker that fails is down in that time, and those that fail together fail at the same instants") {
  const auto failing = [](bool together) {
    return with(workers(std::string(R"({"count": 4, "speed": {"seconds_per_step": 1}, "failures": {
                          "mean_seconds_between": 100, "restart_seconds": 9, "together": )") +
                        (together ? "true" : "false") + "}}"),
                {{"/stop/local_steps", "8000"}});
  };
  const auto together = tiny::clock(failing(true)), apart = tiny::clock(failing(false));
  std::map<sim::NodeId, std::vector<sim::Time>> begins;
  for (const Span& span : together.spans) {
    if (span.activity != Activity::down) continue;
    CHECK(span.end - span.begin == sim::from_seconds(9));
    begins[span.worker].push_back(span.begin);
  }
  REQUIRE(begins.size() == 4);
  CHECK(begins[0].size() > 5);
  for (const auto& [worker, times] : begins) CHECK(times == begins[0]);
  CHECK(apart.final.time > together.final.time + sim::from_seconds(60));  // a barrier waits for each by itself
  for (const auto& log : {together, apart})
    for (const auto& use : log.workers) {
      CHECK(use.compute == sim::from_seconds(2000));
      CHECK(use.compute + use.upload + use.download + use.wait + use.down == log.final.time - sim::kTimeZero);
    }
}

TEST_CASE("workers that fail together need the same failures") {
  const auto failing = [](const char* seconds) {
    return std::string(R"({"speed": {"seconds_per_step": 1}, "failures": {"together": true, "restart_seconds": )") +
           seconds + "}}";
  };
  CHECK_THAT(mistakes_of(workers(failing("9") + ", " + failing("8"))),
             Contains("/workers/1/failures differ from those of other workers that fail together"));
  CHECK_NOTHROW(config(workers(failing("9") + ", " + failing("9"))));
}

TEST_CASE("training with jitter, slow spells and lookahead has the clock's times") {
  const auto json = with(workers(R"({"count": 4, "profile": {"kind": "very"}, "jitter": {"kind": "shifted-exponential"},
                       "slow_spells": {"mean_seconds_between": 10, "mean_seconds": 5, "factor": null}})"),
                         {{"/policy", R"({"kind": "grace-window", "seconds": 0.7, "mode": "lookahead"})"}});
  same_times(tiny::train(json).log, tiny::clock(json));
}

TEST_CASE("with lookahead every window closes at its last arrival, however random the workers") {
  const auto log = tiny::clock(with(
      workers(R"({"count": 4, "profile": {"kind": "very"}, "jitter": {"kind": "lognormal", "sigma": 0.5},
                       "slow_spells": {"mean_seconds_between": 20, "mean_seconds": 5}})"),
      {{"/policy", R"({"kind": "grace-window", "seconds": 1, "mode": "lookahead"})"}, {"/stop/local_steps", "2000"}}));
  std::vector<sim::Time> arrivals;
  std::set<sim::Time> dispatches;  // links take no time, so computing begins at once
  for (const UpdateRecord& update : log.updates) arrivals.push_back(update.time);
  for (const Span& span : log.spans)
    if (span.activity == Activity::compute && span.begin > sim::kTimeZero) dispatches.insert(span.begin);
  REQUIRE(dispatches.size() > 100);
  auto opening = arrivals.begin();
  for (const sim::Time dispatch : dispatches) {
    const auto next = std::upper_bound(opening, arrivals.end(), dispatch);
    REQUIRE(*std::prev(next) == dispatch);
    REQUIRE(dispatch <= *opening + 1s);
    if (next != arrivals.end()) REQUIRE(*next > *opening + 1s);
    opening = next;
  }
}

TEST_CASE("a standstill in a trace moves the end of the run by exactly its length") {
  const TempDirectory directory;
  const auto steady = workers(R"({"speed": {"seconds_per_step": 0.5}})");
  for (const std::string stall : {"1", "12.000000001"}) {
    const std::string end = std::to_string(7 + std::stod(stall));
    const auto file = directory.write("t.csv", "time,factor\n0,1\n7,0\n" + end + ",1\n");
    const auto stalled =
        workers(R"({"speed": {"kind": "traced", "seconds_per_step": 0.5, "file": ")" + file.string() + "\"}}");
    CHECK(tiny::clock(stalled).final.time == tiny::clock(steady).final.time + sim::from_seconds(std::stod(end)) - 7s);
  }
}

TEST_CASE(
    "hardware takes 6 N tokens operations a step, of the trained model or of its stand-in, which sets the bytes too") {
  const std::string hardware = R"({"speed": {"kind": "hardware", "flops_per_second": 1e12, "utilisation": 0.5}})";
  const RunConfig own = config(workers(hardware));
  const double parameters = static_cast<double>(parameter_count(own));
  const double pace = 6.0 * parameters * (2 * 16) / (1e12 * 0.5);
  CHECK(build_workers(own, 1).speed[0]->mean_steps_per_second() == Approx(1.0 / pace));
  CHECK(transfer_bytes(own) == static_cast<uint64_t>(parameters) * 4);

  const auto charged = with(workers(hardware), {{"/stand_in", R"({"parameters": 150000000})"}});
  CHECK(build_workers(config(charged), 1).speed[0]->mean_steps_per_second() == Approx(5e11 / (6.0 * 150e6 * 32)));
  CHECK(transfer_bytes(config(charged)) == 600'000'000);
  const RunLog log = tiny::clock(charged);
  CHECK(log.final.bytes_up % 600'000'000 == 0);
  CHECK(log.final.tokens == log.final.local_steps * 32);  // of the trained model, as ever
  const auto all = with(charged, {{"/stand_in/tokens_per_step", "131072"}, {"/stand_in/bytes", "1000"}});
  CHECK(sim::finish_time(*build_workers(config(all), 1).speed[0], sim::kTimeZero, 1) ==
        sim::kTimeZero + sim::from_seconds(6.0 * 150e6 * 131072 / 5e11));
  CHECK(transfer_bytes(config(all)) == 1000);
}

TEST_CASE("known speeds of dynamic local steps are long-run means") {
  const TempDirectory directory;
  const auto file = directory.write("t.csv", "time,steps_per_second\n0,3\n10,1\n20,0\n").string();
  const RunConfig run = config(workers(
      R"({"speed": {"seconds_per_step": 0.5}},
         {"speed": {"seconds_per_step": 0.5}, "profile": {"kind": "one-slow", "factor": 4}},
         {"speed": {"seconds_per_step": 0.5}, "slow_spells": {"mean_seconds_between": 30, "mean_seconds": 10, "factor": 2}},
         {"speed": {"seconds_per_step": 0.5}, "jitter": {"kind": "bimodal", "probability": 0.25, "factor": 5}},
         {"speed": {"kind": "traced", "end": "repeat", "file": ")" +
      file + R"("}})"));
  const std::vector<double> speeds = known_speeds(run, build_workers(run, 1));
  const std::vector<double> expected{2.0, 0.5, 2.0 * (0.75 + 0.25 / 2), 2.0 / 2.0, 2.0};
  REQUIRE(speeds.size() == expected.size());
  for (size_t i = 0; i < speeds.size(); ++i) CHECK(speeds[i] == Approx(expected[i]));
}

TEST_CASE("a thousand equal workers share one speed, and what nobody uses takes no memory") {
  const sim::Workers parts = build_workers(config(workers(R"({"count": 1000, "speed": {"seconds_per_step": 1}})")), 1);
  CHECK(parts.speed[0] == parts.speed[999]);
  CHECK(parts.jitter.values().size() == 1);
  CHECK(parts.availability.values().size() == 1);
  const sim::Workers four = build_workers(config(workers(R"({"count": 1000, "profile": {"kind": "very"}})")), 1);
  CHECK(four.speed[1] == four.speed[997]);
}

TEST_CASE("availability is built as configured, of each worker or from one trace") {
  const sim::Workers parts = build_workers(config(workers(
                                               R"({"speed": {"seconds_per_step": 1}},
             {"speed": {"seconds_per_step": 1}, "availability": {"kind": "scheduled", "join_at_seconds": 5, "leave_at_seconds": 8}},
             {"speed": {"seconds_per_step": 1}, "availability": {"kind": "scheduled", "up": [
               {"from_seconds": 0, "to_seconds": 2}, {"from_seconds": 4}]}},
             {"count": 2, "speed": {"seconds_per_step": 1}, "availability": {"kind": "random", "mean_up_seconds": 5}})")),
                                           1);
  REQUIRE(parts.count == 5);
  CHECK(parts.availability[0] == nullptr);
  CHECK_FALSE(parts.availability[1]->at(sim::kTimeZero).up);
  CHECK(parts.availability[1]->at(sim::kTimeZero + 5s).end == sim::kTimeZero + 8s);
  CHECK(parts.availability[2]->at(sim::kTimeZero).end == sim::kTimeZero + 2s);
  CHECK(parts.availability[2]->at(sim::kTimeZero + 4s).end == sim::Time::max());
  CHECK(parts.availability[3]->at(sim::kTimeZero).end != parts.availability[4]->at(sim::kTimeZero).end);

  const TempDirectory directory;
  const auto file = directory.write("a.csv", "time,worker,state\n3,0,down\n3,2,down\n").string();
  const sim::Workers traced =
      build_workers(config(with(tiny::document(), {{"/availability_trace", "\"" + file + "\""}})), 1);
  REQUIRE(traced.count == 4);
  CHECK(traced.availability[0]->at(sim::kTimeZero).end == sim::kTimeZero + 3s);
  CHECK(traced.availability[1] == nullptr);
}

TEST_CASE("workers that contradict themselves are refused by pointer before the run") {
  CHECK_THAT(mistakes_of(workers("{}")), Contains("/workers/0 has neither \"speed\" nor \"profile\""));
  const auto availability = [](const std::string& text) {
    return mistakes_of(workers(R"({"speed": {"seconds_per_step": 1}, "availability": )" + text + "}"));
  };
  CHECK_THAT(availability(R"({"kind": "scheduled", "join_at_seconds": 5, "leave_at_seconds": 5})"),
             Contains("/workers/0/availability is there from 5 to 5 s; allowed: to leave after joining"));
  CHECK_THAT(
      availability(R"({"kind": "scheduled", "up": [{"from_seconds": 0, "to_seconds": 5}, {"from_seconds": 4}]})"),
      Contains("/workers/0/availability/up/1 begins at 4 s, but the one before ends at 5 s"));
  CHECK_THAT(availability(R"({"kind": "scheduled", "up": [{"from_seconds": 3, "to_seconds": 2}]})"),
             Contains("/workers/0/availability/up/0 is from 3 to 2 s; allowed: an end after the start"));
  CHECK_THAT(availability(R"({"kind": "scheduled", "up": [{"from_seconds": 3}, {"from_seconds": 9}]})"),
             Contains("/workers/0/availability/up/1 comes after an interval without an end"));
  CHECK_THAT(availability(R"({"kind": "scheduled", "leave_at_seconds": 3, "up": [{"from_seconds": 3}]})"),
             Contains("/workers/0/availability gives both"));
  CHECK_THAT(availability(R"({"kind": "random", "mean_up_seconds": 0})"),
             Contains("/workers/0/availability/mean_up_seconds is the number 0"));
  CHECK_THAT(mistakes_of(with(workers(R"({"speed": {"seconds_per_step": 1}, "availability": {"kind": "random"}})"),
                              {{"/availability_trace", "\"a.csv\""}})),
             Contains("/workers/0/availability stands beside the run's availability_trace"));
  for (const char* jitter :
       {R"({"kind": "normal", "deviation": 0})", R"({"kind": "lognormal", "sigma": -1})",
        R"({"kind": "shifted-exponential", "random_share": 1.5})", R"({"kind": "pareto", "alpha": 1})",
        R"({"kind": "bimodal", "probability": 2})", R"({"kind": "gamma"})"})
    CHECK_THAT(mistakes_of(workers(R"({"speed": {"seconds_per_step": 1}, "jitter": )" + std::string(jitter) + "}")),
               Contains("/workers/0/jitter/"));
  CHECK_THAT(mistakes_of(workers(R"({"speed": {"seconds_per_step": 1}, "slow_spells": {"factor": 1}})")),
             Contains("/workers/0/slow_spells/factor is the number 1; allowed: a number above 1"));
  CHECK_THAT(mistakes_of(workers(R"({"profile": {"kind": "one_slow"}})")), Contains("did you mean one-slow?"));
}

TEST_CASE("traces that cannot be used and impossible hardware are refused by pointer and by file and line") {
  const TempDirectory directory;
  const auto bad = directory.write("bad.csv", "time,factor\n0,1\n5,1\n4,1\n").string();
  CHECK_THAT(worker_mistakes_of(workers(R"({"speed": {"kind": "traced", "file": ")" + bad + "\"}}")),
             Contains("/workers/0/speed/file " + bad + ":4: time 4 comes after 5"));
  CHECK_THAT(worker_mistakes_of(workers(R"({"speed": {"kind": "traced", "file": "nowhere.csv"}})")),
             Contains("nowhere.csv: cannot be read"));
  const auto gone = directory.write("gone.csv", "time,worker,state\n0,9,down\n").string();
  CHECK_THAT(worker_mistakes_of(with(tiny::document(), {{"/availability_trace", "\"" + gone + "\""}})),
             Contains("/availability_trace " + gone + ":2: worker 9 is none of the run's"));
  CHECK_THAT(worker_mistakes_of(workers(R"({"speed": {"kind": "hardware", "flops_per_second": 1e21}})")),
             Contains("/workers/0/speed makes a step of this model take ") && Contains("allowed: from 1e-09"));
  CHECK(worker_mistakes_of(tiny::document()) == "");
}

TEST_CASE("a run is named by what its traces hold, not by where they lie") {
  const TempDirectory directory;
  const auto key = [&](const std::string& name, const std::string& content) {
    const auto file = directory.write(name, content).string();
    return RunKeys().key(config(workers(R"({"speed": {"kind": "traced", "file": ")" + file + "\"}}")), 1);
  };
  const std::string first = key("a.csv", "time,factor\n0,1\n");
  CHECK(key("b.csv", "time,factor\n0,1\n") == first);
  CHECK(key("b.csv", "time,factor\n0,2\n") != first);
}

TEST_CASE("the worked example of docs/simulation.md reads its measured trace") {
  const std::string file = source_dir() + "/experiments/catalog/calibrated.json";
  const ExperimentConfig experiment = parse_experiment(parse_json(read_text(file), file), file);
  const RunConfig& run = experiment.methods.at(1).run;
  CHECK(worker_mistakes(run).empty());
  const std::vector<double> speeds = known_speeds(run, build_workers(run, 1));
  REQUIRE(speeds.size() == 4);
  CHECK(speeds[0] == Approx(1 / 0.7));
  CHECK(speeds[2] == Approx(170.0 / 180.0));  // steps counted in the trace's 18 windows
  CHECK(speeds[3] == Approx(speeds[2] / 2));
}
