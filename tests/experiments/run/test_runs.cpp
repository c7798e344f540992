#include <map>

#include "experiments/config/experiment_config.h"
#include "experiments/config/parse.h"
#include "experiments/run/build.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"
#include "tests/support/tiny_experiment.h"

using experiments::RunLog;
using tiny::clock;
using tiny::with;
using namespace std::chrono_literals;

namespace {

/// Simulated seconds at which the applied local steps first reach `steps`.
double reached(const RunLog& log, int64_t steps) {
  int64_t sum = 0;
  for (const auto& update : log.updates) {
    sum += update.local_steps;
    if (sum >= steps) return sim::to_seconds(update.time);
  }
  return -1.0;
}

experiments::Json notebook() {
  return with(tiny::document(), {{"/local_steps/steps", "20"},
                                 {"/stop/local_steps", "4000"},
                                 {"/shard_choice", "\"least-visited\""},
                                 {"/policy", R"({"kind": "grace-window", "seconds": 0.5, "mode": "lookahead"})"}});
}

}  // namespace

TEST_CASE("the authors' notebook's timings come out exactly") {
  const RunLog log = clock(notebook());
  CHECK(reached(log, 800) == 209.0);
  CHECK(reached(log, 1600) == 406.4);
  CHECK(reached(log, 2400) == 603.8);
  CHECK(reached(log, 3200) == 801.4);
  CHECK(reached(log, 4000) == 999.0);
  CHECK(log.final.time == sim::Time{999s});
}

TEST_CASE("a synchronous round takes as long as the slowest worker") {
  const RunLog log = clock(with(notebook(), {{"/policy", R"({"kind": "barrier"})"}, {"/stop/local_steps", "800"}}));
  CHECK(log.final.server_updates == 10);
  for (size_t i = 0; i < log.updates.size(); ++i) CHECK(log.updates[i].time == sim::Time{66600ms * (i / 4 + 1)});
}

TEST_CASE("the quickstart's schedule is exact: updates, local steps and simulated time of each method") {
  const auto experiment = experiments::parse_experiment(
      experiments::parse_json(experiments::read_text(source_dir() + "/experiments/catalog/quickstart.json"), "f"), "f");
  const auto of = [&](size_t method) {
    auto parts = experiments::build_clock(experiment.methods.at(method).run, 1);
    return sim::run_clock(parts).final;
  };
  CHECK(of(0).server_updates == 80);
  CHECK(of(0).time == sim::Time{5328s});
  CHECK(of(1).server_updates == 320);
  CHECK(of(1).time == sim::Time{1600600ms});
  CHECK(of(2).server_updates == 570);
  CHECK(of(2).time == sim::Time{1657770ms});
  for (const size_t method : {0, 1, 2}) CHECK(of(method).local_steps == 6400);
}

TEST_CASE("a buffered run is evaluated at its very end, even in the middle of a buffer") {
  const auto json = with(tiny::homogeneous(), {{"/policy", R"({"kind": "grace-window", "seconds": 0})"},
                                               {"/outer", R"({"kind": "buffered-nesterov", "rate": 0.7, "period": 3})"},
                                               {"/stop/local_steps", "100"},
                                               {"/evaluation/every/local_steps", "1000"}});
  const auto log = tiny::train(json).log;
  CHECK(log.final.local_steps == 100);
  CHECK(log.evaluations.back().at.local_steps == 100);
}

TEST_CASE("each worker's compute, upload, download and wait add up to the makespan exactly") {
  const auto json =
      with(notebook(), {{"/workers/0/download", R"({"latency_seconds": 0.1, "bytes_per_second": 12345.678})"},
                        {"/workers/2/upload", R"({"latency_seconds": 0.033, "bytes_per_second": 777777})"},
                        {"/stop", R"({"simulated_seconds": 123.456789})"}});
  for (const char* policy : {R"({"kind": "barrier"})", R"({"kind": "grace-window", "seconds": 3})"}) {
    const RunLog log = clock(with(json, {{"/policy", policy}}));
    CHECK(log.final.time == sim::Time{123456789us});
    for (const auto& use : log.workers)
      CHECK(use.compute + use.upload + use.download + use.wait == log.final.time.time_since_epoch());
    std::map<int, sim::Time> end;
    for (const auto& span : log.spans) {
      CHECK(span.begin == end[span.worker]);
      CHECK(span.end > span.begin);
      end[span.worker] = span.end;
    }
    for (int w = 0; w < 4; ++w) CHECK(end[w] == log.final.time);
  }
}

TEST_CASE("a slow link delays its worker by latency plus bytes over bandwidth, both ways") {
  const auto one =
      with(tiny::document(), {{"/workers", R"([{"speed": {"seconds_per_step": 1}}])"}, {"/stop/local_steps", "10"}});
  const auto bytes = static_cast<double>(experiments::parameter_count(tiny::parse(one).methods[0].run)) * 4;
  const auto slow = with(one, {{"/workers/0/download", R"({"latency_seconds": 0.5, "bytes_per_second": 1000})"},
                               {"/workers/0/upload", R"({"latency_seconds": 0.25, "bytes_per_second": 500})"}});
  const RunLog log = clock(slow);  // two rounds of five steps
  CHECK(sim::to_seconds(log.final.time) == Approx(2 * (5 + 0.75 + bytes / 1000 + bytes / 500)).epsilon(1e-12));
  CHECK(log.final.bytes_up == static_cast<uint64_t>(2 * bytes));
  CHECK(log.final.bytes_down == static_cast<uint64_t>(2 * bytes));
}

TEST_CASE("a run stops at the first of its limits, each on its own counter") {
  const auto base = notebook();
  CHECK(clock(with(base, {{"/stop", R"({"local_steps": 100})"}})).final.local_steps == 100);
  CHECK(clock(with(base, {{"/stop", R"({"server_updates": 7})"}})).final.server_updates == 7);
  CHECK(clock(with(base, {{"/stop", R"({"tokens": 20000})"}})).final.tokens ==
        20480);  // 32 tokens a step, 20 steps a round
  CHECK(clock(with(base, {{"/stop", R"({"simulated_seconds": 50})"}, {"/local/learning_rate/total_steps", "9"}}))
            .final.time == sim::Time{50s});
  CHECK(clock(with(base, {{"/stop", R"({"server_updates": 7, "simulated_seconds": 1e9})"}})).final.server_updates == 7);
}

TEST_CASE("every dispatched step is applied or counted as lost") {
  const RunLog log = clock(notebook());
  int64_t applied = 0;
  for (const auto& use : log.workers) applied += use.local_steps;
  CHECK(applied == log.final.local_steps);
  // At 999.00 s, where the budget is met, 20 steps are lost for each worker that computes into the end without having
  // arrived there.
  int64_t lost = 0;
  for (const auto& span : log.spans)
    if (span.end == log.final.time && span.activity == experiments::Activity::compute) lost += 20;
  for (const auto& update : log.updates)
    if (update.time == log.final.time) lost -= 20;
  CHECK(lost > 0);
  CHECK(log.lost_steps == lost);
}

TEST_CASE(
    "staleness counts the updates between dispatch and arrival: none at a barrier, k − 1 on average without one") {
  for (const auto& update : clock(with(notebook(), {{"/policy", R"({"kind": "barrier"})"}})).updates)
    CHECK(update.staleness_updates == 0);
  // Speeds without a common measure, so that hardly two arrive at the same instant.
  const RunLog log = clock(with(notebook(), {{"/policy", R"({"kind": "grace-window", "seconds": 0})"},
                                             {"/stop/local_steps", "400000"},
                                             {"/workers/0/speed/seconds_per_step", "0.580031"},
                                             {"/workers/1/speed/seconds_per_step", "0.750047"},
                                             {"/workers/2/speed/seconds_per_step", "1.510059"},
                                             {"/workers/3/speed/seconds_per_step", "3.330083"}}));
  double sum = 0;
  for (const auto& update : log.updates) sum += static_cast<double>(update.staleness_updates);
  // Each update is stale by those of the others meanwhile: over any run the sum is k − 1 an update, less the ends.
  CHECK(sum / static_cast<double>(log.updates.size()) == Approx(3.0).epsilon(0.001));
}

TEST_CASE("lost rounds cost time and are counted, but are never applied") {
  const auto json =
      with(notebook(), {{"/workers", R"([{"count": 4, "dropout": 0.25, "speed": {"seconds_per_step": 1}}])"},
                        {"/stop/local_steps", "40000"}});
  for (const char* policy : {R"({"kind": "barrier"})", R"({"kind": "grace-window", "seconds": 0})"}) {
    const RunLog log = clock(with(json, {{"/policy", policy}}));
    int64_t dropped = 0, applied = 0;
    for (const auto& update : log.updates) (update.dropped ? dropped : applied) += update.local_steps;
    CHECK(log.final.local_steps >= 40000);
    CHECK(applied == log.final.local_steps);
    // All are in step; only those that arrive in the instant in which the budget is met, after it is, count neither
    // way.
    const int64_t left = log.lost_steps - dropped;
    CHECK(left >= 0);
    CHECK(left <= (std::string(policy).find("barrier") == std::string::npos ? 60 : 0));
    // A quarter of about 2,667 rounds: the standard deviation of the share is 0.0084.
    CHECK(static_cast<double>(dropped) / static_cast<double>(dropped + applied) == Approx(0.25).margin(0.03));
    CHECK(sim::to_seconds(log.final.time) ==
          Approx(20.0 * static_cast<double>(dropped + applied + left) / 80).epsilon(1e-9));
  }
}

TEST_CASE("every method loses the same rounds, and training with lost rounds stays repeatable") {
  const auto json = with(tiny::document(), {{"/workers/0/dropout", "0.5"}, {"/workers/3/dropout", "0.5"}});
  const auto lost = [](const RunLog& log) {
    std::map<std::pair<int, int64_t>, bool> rounds;
    for (const auto& update : log.updates) rounds[{update.worker, update.round}] = update.dropped;
    return rounds;
  };
  const auto sync = tiny::train(json, 1), again = tiny::train(json, 4),
             async = tiny::train(with(json, {{"/policy", R"({"kind": "grace-window", "seconds": 0})"}}));
  CHECK(sync.params == again.params);
  int losses = 0;
  const auto theirs = lost(async.log);
  for (const auto& [round, dropped] : lost(sync.log)) {
    losses += dropped;
    if (theirs.contains(round)) CHECK(theirs.at(round) == dropped);
  }
  CHECK(losses > 0);
}

TEST_CASE("evaluations come at the asked interval, at the start and at the end") {
  const auto at = [](const experiments::Json& json) {
    std::vector<int64_t> steps;
    for (const auto& evaluation : tiny::train(json).log.evaluations) steps.push_back(evaluation.at.local_steps);
    return steps;
  };
  const auto json = tiny::document();  // rounds of 20 steps together, 160 in all
  CHECK(at(json) == std::vector<int64_t>{0, 40, 80, 120, 160});
  CHECK(at(with(json, {{"/evaluation/every", R"({"server_updates": 3})"}})) == std::vector<int64_t>{0, 60, 120, 160});
  // A synchronous round takes 16.65 s: the model of 40 s is that after two rounds.
  CHECK(at(with(json, {{"/evaluation/every", R"({"simulated_seconds": 40})"}, {"/stop/local_steps", "100"}})) ==
        std::vector<int64_t>{0, 40, 80, 100});
}

TEST_CASE("evaluating more often changes no event and no parameter") {
  const auto json = with(tiny::document(), {{"/policy", R"({"kind": "grace-window", "seconds": 0})"}});
  const auto often = tiny::train(with(json, {{"/evaluation/every", R"({"local_steps": 1})"}}));
  const auto seldom = tiny::train(with(json, {{"/evaluation/every", R"({"local_steps": 100000})"}}));
  CHECK(often.params == seldom.params);
  CHECK(often.log.final.time == seldom.log.final.time);
}

TEST_CASE("the cosine to the momentum is absent before there is any and positive while training keeps its direction") {
  const auto log = tiny::train(tiny::document()).log;
  CHECK_FALSE(log.updates.front().cosine_to_momentum.has_value());
  for (size_t i = 4; i < log.updates.size(); ++i) {
    REQUIRE(log.updates[i].cosine_to_momentum.has_value());
    CHECK(*log.updates[i].cosine_to_momentum > 0.0);  // early training keeps its direction
    CHECK(*log.updates[i].cosine_to_momentum < 1.0);
  }
  const auto sgd = tiny::train(with(tiny::document(), {{"/outer", R"({"kind": "sgd"})"}})).log;
  for (const auto& update : sgd.updates) CHECK_FALSE(update.cosine_to_momentum.has_value());
}
