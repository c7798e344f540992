#include <cmath>

#include "experiments/config/experiment_config.h"
#include "experiments/run/build.h"
#include "tests/support/catch.h"
#include "tests/support/tiny_experiment.h"

// The laws of docs/method.md, on a real transformer.

using tiny::with;

namespace {

/// ‖a − b‖ / ‖a − start‖: how far two results differ, in units of how far training moved the model.
double difference_per_move(const models::Params& a, const models::Params& b, const models::Params& start) {
  double apart = 0.0, moved = 0.0;
  for (size_t i = 0; i < a.size(); ++i) {
    apart += std::pow(static_cast<double>(a[i]) - b[i], 2);
    moved += std::pow(static_cast<double>(a[i]) - start[i], 2);
  }
  return std::sqrt(apart / moved);
}

models::Params start_of(const experiments::Json& json) {
  const auto experiment = tiny::parse(json);
  experiments::ThreadPool pool(1);
  experiments::SharedInputs inputs(pool);
  return *inputs.start(experiment.methods.at(0).run, experiment.seeds.at(0), {});
}

/// Float32 rounding in another order of additions, amplified by a few rounds of training; a wrong formula is off by
/// 10⁻¹ or more.
constexpr double kRounding = 1e-3;

const char* kAtOnce = R"({"kind": "grace-window", "seconds": 0})";

}  // namespace

TEST_CASE("law 1: Delayed Nesterov with N = k on equal workers follows synchronous DiLoCo") {
  const auto sync = tiny::homogeneous();
  const auto delayed = with(sync, {{"/policy", kAtOnce}, {"/outer", R"({"kind": "delayed-nesterov", "rate": 0.7})"}});
  for (const int rounds : {1, 3, 8}) {
    const std::string steps = std::to_string(rounds * 4 * 5);
    const auto a = tiny::train(with(sync, {{"/stop/local_steps", steps}}));
    const auto b = tiny::train(with(delayed, {{"/stop/local_steps", steps}}));
    CHECK(a.log.final.server_updates == rounds);
    CHECK(b.log.final.server_updates == 4 * rounds);
    CHECK(a.log.final.time == b.log.final.time);
    CHECK(difference_per_move(a.params, b.params, start_of(sync)) < kRounding);
    // All arrive at once, so that however long the server waits there is nobody left to wait for.
    for (const char* mode : {"wait", "lookahead"}) {
      const std::string window = R"({"kind": "grace-window", "seconds": 2, "mode": ")" + std::string(mode) + "\"}";
      const auto c = tiny::train(with(delayed, {{"/stop/local_steps", steps}, {"/policy", window}}));
      CHECK(c.params == b.params);
      CHECK(c.log.final.time == b.log.final.time);
    }
  }
}

TEST_CASE("law 1: with c > 0 Delayed Nesterov stays close to synchronous DiLoCo without being equal") {
  const auto sync = tiny::homogeneous();
  const auto spread =
      with(sync, {{"/policy", kAtOnce}, {"/outer", R"({"kind": "delayed-nesterov", "rate": 0.7, "spread": 0.1})"}});
  const double difference = difference_per_move(tiny::train(sync).params, tiny::train(spread).params, start_of(sync));
  CHECK(difference > kRounding);
  CHECK(difference < 0.5);
}

TEST_CASE("law 2: a buffer of N = k on equal workers is synchronous DiLoCo") {
  const auto sync = tiny::homogeneous();
  const auto buffered = with(sync, {{"/policy", kAtOnce}, {"/outer", R"({"kind": "buffered-nesterov", "rate": 0.7})"}});
  const auto a = tiny::train(sync), b = tiny::train(buffered);
  CHECK(a.log.final.server_updates == b.log.final.server_updates);
  CHECK(difference_per_move(a.params, b.params, start_of(sync)) < kRounding);
}

TEST_CASE("law 3: with one worker every rule but the buffered ones is the plain outer optimizer, whatever the policy") {
  const auto one = with(tiny::document(), {{"/workers", R"([{"speed": {"seconds_per_step": 0.58}}])"}});
  const auto barrier = tiny::train(one);
  const auto window =
      tiny::train(with(one, {{"/policy", R"({"kind": "grace-window", "seconds": 2, "mode": "lookahead"})"}}));
  const auto delayed =
      tiny::train(with(one, {{"/policy", kAtOnce}, {"/outer", R"({"kind": "delayed-nesterov", "rate": 0.7})"}}));
  CHECK(barrier.params == window.params);
  CHECK(barrier.log.final.time == window.log.final.time);
  CHECK(difference_per_move(barrier.params, delayed.params, start_of(one)) < kRounding);
  const char* dynamic_steps = R"({"kind": "dynamic", "steps": 5})";
  CHECK(barrier.params == tiny::train(with(one, {{"/local_steps", dynamic_steps}})).params);
  for (const char* outer : {R"({"kind": "sgd", "rate": 0.7})", R"({"kind": "sgd", "rate": 0.7, "momentum": 0.9})",
                            R"({"kind": "adam", "rate": 0.001})"}) {
    CAPTURE(outer);
    const auto ruled = with(one, {{"/outer", outer}});
    const auto plain = tiny::train(ruled);
    CHECK(plain.params != barrier.params);
    CHECK(plain.params == tiny::train(with(ruled, {{"/policy", kAtOnce}})).params);
    CHECK(plain.params == tiny::train(with(ruled, {{"/policy", kAtOnce}, {"/local_steps", dynamic_steps}})).params);
  }
}

TEST_CASE("dynamic local steps on equal workers are equal local steps, whatever the rule") {
  for (const char* outer :
       {R"({"kind": "sgd", "rate": 0.7})", R"({"kind": "sgd", "rate": 0.7, "momentum": 0.9})",
        R"({"kind": "nesterov", "rate": 0.1})", R"({"kind": "adam", "rate": 0.001})",
        R"({"kind": "delayed-nesterov", "rate": 0.7})", R"({"kind": "buffered-nesterov", "rate": 0.7})"}) {
    CAPTURE(outer);
    const auto equal = with(tiny::homogeneous(), {{"/policy", kAtOnce}, {"/outer", outer}});
    for (const char* steps :
         {R"({"kind": "dynamic", "steps": 5})", R"({"kind": "dynamic", "steps": 5, "speeds": "measured"})"})
      CHECK(tiny::train(with(equal, {{"/local_steps", steps}})).params == tiny::train(equal).params);
  }
}

TEST_CASE("law 5: event times are the same without training, with another model, other data and other seeds") {
  const auto base =
      with(tiny::document(), {{"/policy", R"({"kind": "grace-window", "seconds": 0.7, "mode": "lookahead"})"},
                              {"/local_steps", R"({"kind": "dynamic", "steps": 5, "speeds": "measured"})"},
                              {"/workers/1/upload", R"({"latency_seconds": 0.25})"}});
  const auto reference = tiny::train(base).log;
  const auto same_events = [&](const experiments::RunLog& other) {
    REQUIRE(other.updates.size() == reference.updates.size());
    for (size_t i = 0; i < other.updates.size(); ++i) {
      CHECK(other.updates[i].time == reference.updates[i].time);
      CHECK(other.updates[i].worker == reference.updates[i].worker);
      CHECK(other.updates[i].local_steps == reference.updates[i].local_steps);
      CHECK(other.updates[i].staleness_updates == reference.updates[i].staleness_updates);
    }
    CHECK(other.final.time == reference.final.time);
  };
  same_events(tiny::clock(base));
  same_events(tiny::train(with(base, {{"/model/width", "32"}, {"/local/batch_size", "3"}})).log);
  same_events(tiny::train(with(base, {{"/data/corpus", "\"data/kjv.txt\""}, {"/seeds", "[8]"}})).log);
}

TEST_CASE("results do not depend on the number of threads, to the last bit", "[bits][threads]") {
  for (const char* outer : {R"({"kind": "nesterov", "rate": 0.1})", R"({"kind": "delayed-nesterov", "rate": 0.7})"}) {
    const auto json = with(
        tiny::document(),
        {{"/policy", kAtOnce}, {"/outer", outer}, {"/start", R"({"kind": "pretrain", "steps": 3, "batch_size": 4})"}});
    const auto one = tiny::train(json, 1), two = tiny::train(json, 2), four = tiny::train(json, 4);
    CHECK(one.params == two.params);
    CHECK(one.params == four.params);
    REQUIRE(one.log.evaluations.size() == four.log.evaluations.size());
    for (size_t i = 0; i < one.log.evaluations.size(); ++i) {
      CHECK(one.log.evaluations[i].loss == four.log.evaluations[i].loss);
      CHECK(one.log.evaluations[i].domain_loss == two.log.evaluations[i].domain_loss);
    }
  }
}

TEST_CASE("training lowers the validation loss below that of a model that knows nothing") {
  const auto json =
      with(tiny::document(), {{"/stop/local_steps", "800"}, {"/local/learning_rate", R"({"peak": 1e-2})"}});
  const auto& evaluations = tiny::train(json).log.evaluations;
  CHECK(evaluations.front().loss == Approx(std::log(256.0)).epsilon(0.02));
  CHECK(evaluations.back().loss < 3.5);
}
