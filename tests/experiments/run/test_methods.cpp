#include <cmath>

#include "experiments/config/experiment_config.h"
#include "experiments/config/parse.h"
#include "experiments/run/build.h"
#include "models/data/shards.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/tiny_experiment.h"

// Whole methods on a real model: corrections, the data-parallel baseline, the toy classifier.

using Catch::Matchers::Contains;
using experiments::Json;
using tiny::with;

namespace {

double relative_difference(const models::Params& a, const models::Params& b) {
  double apart = 0.0, size = 0.0;
  for (size_t i = 0; i < a.size(); ++i) {
    apart += std::pow(static_cast<double>(a[i]) - b[i], 2);
    size += std::pow(static_cast<double>(a[i]), 2);
  }
  return std::sqrt(apart / size);
}

Json async() {
  return with(tiny::document(), {{"/policy", R"({"kind": "grace-window", "seconds": 0})"},
                                 {"/outer", R"({"kind": "nesterov", "rate": 0.1})"},
                                 {"/update_weight", "0.5"}});
}

Json data_parallel() {
  return with(tiny::document(), {{"/local/optimizer", R"({"kind": "gradient"})"},
                                 {"/local_steps/steps", "1"},
                                 {"/stop/local_steps", "20"},
                                 {"/data/shards/count", "1"}});
}

Json toy() {
  return with(tiny::document(),
              {{"/data", R"({"kind": "gaussian-mixture", "clusters": 1, "dimensions": 32, "points": 512})"},
               {"/model", R"({"kind": "mlp", "hidden": 16})"},
               {"/local", R"({"batch_size": 32, "learning_rate": {"peak": 1e-3, "final": 1e-6}})"},
               {"/stop/local_steps", "800"},
               {"/evaluation", R"({"every": {"local_steps": 200}, "windows": 0})"}});
}

std::string mistake_of(const Json& json) {
  return error_message<experiments::InvalidConfig>([&] { tiny::parse(json); });
}

}  // namespace

TEST_CASE("the update weight scales a pseudo-gradient, before any correction sees it") {
  // Powers of two, so that every product is exact. With a weight w, ε(wg + λ(wg)²d) is εw(g + λw·g²d).
  const auto run = [](const char* weight, const char* rate, const char* lambda) {
    const std::string outer = R"({"kind": "sgd", "rate": )" + std::string(rate) + "}";
    const std::string corrections = R"([{"kind": "delay-compensation", "lambda": )" + std::string(lambda) + "}]";
    return tiny::train(with(async(), {{"/update_weight", weight}, {"/outer", outer}, {"/corrections", corrections}}))
        .params;
  };
  const auto weighted = run("0.5", "0.5", "64");
  CHECK(weighted == run("1", "0.25", "32"));
  CHECK(weighted != run("1", "0.25", "64"));
  CHECK(run("0.5", "0.5", "0") == run("1", "0.25", "0"));
  CHECK(run("0.5", "0.5", "0") != run("1", "0.5", "0"));
}

TEST_CASE("corrections that correct nothing leave every bit of a run as it is") {
  const auto plain = tiny::train(async());
  for (
      const char* corrections :
      {R"([{"kind": "poly", "exponent": 0}])", R"([{"kind": "threshold", "staleness": 1000000}])",
       R"([{"kind": "delay-compensation", "lambda": 0}])",
       R"([{"kind": "delay-compensation", "lambda": 0}, {"kind": "threshold", "staleness": 99}, {"kind": "poly", "exponent": 0}])"}) {
    INFO(corrections);
    CHECK(tiny::train(with(async(), {{"/corrections", corrections}})).params == plain.params);
  }
}

TEST_CASE("corrections leave synchronous training as it is: there staleness is 0") {
  const auto plain = tiny::train(tiny::document());
  const char* all =
      R"([{"kind": "poly"}, {"kind": "threshold", "staleness": 0}, {"kind": "delay-compensation", "lambda": 3}])";
  CHECK(tiny::train(with(tiny::document(), {{"/corrections", all}})).params == plain.params);
}

TEST_CASE("Poly and delay compensation change an asynchronous run's model and none of its times") {
  const auto plain = tiny::train(async());
  for (const char* corrections : {R"([{"kind": "poly"}])", R"([{"kind": "delay-compensation", "lambda": 30}])"}) {
    INFO(corrections);
    const auto run = tiny::train(with(async(), {{"/corrections", corrections}}), 1);
    CHECK(run.params != plain.params);
    CHECK(run.log.final.time == plain.log.final.time);
    CHECK(run.params == tiny::train(with(async(), {{"/corrections", corrections}}), 4).params);
  }
}

TEST_CASE("on one worker every update is fresh, so no correction corrects anything") {
  const auto one = with(async(), {{"/workers", R"([{"speed": {"seconds_per_step": 0.58}}])"}});
  const char* all =
      R"([{"kind": "poly"}, {"kind": "threshold", "staleness": 0}, {"kind": "delay-compensation", "lambda": 3}])";
  CHECK(tiny::train(with(one, {{"/corrections", all}})).params == tiny::train(one).params);
}

TEST_CASE("a threshold drops just the staler updates, and their steps are spent") {
  const auto base =
      with(async(), {{"/stop/local_steps", "2000"}, {"/corrections", R"([{"kind": "threshold", "staleness": 3}])"}});
  const auto log = tiny::clock(base);
  int64_t dropped = 0, applied = 0, updates = 0;
  for (const auto& update : log.updates) {
    CHECK(update.dropped == (update.staleness_updates > 3));
    (update.dropped ? dropped : applied) += update.local_steps;
    updates += !update.dropped;
  }
  CHECK(dropped > 0);  // the slowest worker's: meanwhile the others bring 5 and more
  CHECK(log.final.local_steps == 2000);
  CHECK(dropped + applied == 2000);
  CHECK(log.final.server_updates == updates);
  int64_t used = 0;
  for (const auto& worker : log.workers) used += worker.local_steps;
  CHECK(used == applied);
  CHECK(log.final.tokens == 2000 * 2 * 16);
  // Spent steps end the run where it would have ended without the threshold.
  const auto plain = tiny::clock(with(base, {{"/corrections", "[]"}}));
  CHECK(plain.final.time == log.final.time);
  CHECK(log.lost_steps == plain.lost_steps + dropped);
}

TEST_CASE("dropped updates leave no trace in the model: a threshold of 0 among unequal workers trains like the rest") {
  const auto run = tiny::train(with(async(), {{"/corrections", R"([{"kind": "threshold", "staleness": 0}])"}}));
  int64_t fresh = 0;
  for (const auto& update : run.log.updates) fresh += !update.dropped;
  CHECK(fresh == run.log.final.server_updates);
  CHECK(fresh < static_cast<int64_t>(run.log.updates.size()));
}

TEST_CASE("one worker's gradients through AdamW on the server are ordinary training, to the last bit") {
  const auto json =
      with(data_parallel(), {{"/workers", R"([{"speed": {"seconds_per_step": 1}}])"},
                             {"/local/batch_size", "4"},
                             {"/outer", R"({"kind": "optimizer", "learning_rate": {"warmup_steps": 3}})"}});
  const auto trained = tiny::train(json);
  CHECK(trained.log.final.server_updates == 20);
  const auto experiment = tiny::parse(json);
  const auto& run = experiment.methods[0].run;
  experiments::ThreadPool pool(1);
  experiments::SharedInputs inputs(pool);
  const auto objective = inputs.objective(run);
  const auto shards = inputs.shards(run, 3);
  const models::ShardBatches batches(shards->shards[0], run.context(), models::BatchOrder::shuffled, shards->order, 0);
  models::Params params = *inputs.start(run, 3, {}), gradient(params.size());
  const models::Schedule schedule{.warmup_steps = 3, .total_steps = 20};
  const auto workspace = objective->workspace();
  models::OptimizerState state;
  models::Batch batch;
  for (int64_t t = 0; t < 20; ++t) {
    batches.fill(4 * t, 4, batch);
    objective->loss_and_gradient(params, batch, *workspace, gradient);
    models::inner_step(models::AdamWConfig{}, objective->layout(), models::learning_rate(schedule, t), params, gradient,
                       state);
  }
  CHECK(trained.params == params);
}

TEST_CASE("k workers' gradients of B sequences are one worker's of k·B, to rounding") {
  // On one shard the workers' batches are consecutive, together just the larger batch. SGD, whose steps are linear in
  // the gradient: AdamW turns the rounding of a tiny gradient into a whole step.
  const char* sgd =
      R"({"kind": "optimizer", "optimizer": {"kind": "sgd", "momentum": 0.9}, "learning_rate": {"peak": 0.1}})";
  const auto four = with(data_parallel(), {{"/workers", R"([{"count": 4, "speed": {"seconds_per_step": 1}}])"},
                                           {"/local/batch_size", "2"},
                                           {"/outer", sgd},
                                           {"/stop/local_steps", "80"}});
  const auto one = with(data_parallel(), {{"/workers", R"([{"speed": {"seconds_per_step": 1}}])"},
                                          {"/local/batch_size", "8"},
                                          {"/outer", sgd},
                                          {"/stop/local_steps", "20"}});
  const auto a = tiny::train(four), b = tiny::train(one);
  CHECK(a.log.final.server_updates == 20);
  CHECK(a.log.final.tokens == b.log.final.tokens);
  CHECK(relative_difference(a.params, b.params) < 1e-5);  // 20 steps of a few roundings of 6e-8
  const auto c = tiny::train(with(one, {{"/stop/local_steps", "19"}}));
  CHECK(relative_difference(a.params, c.params) > 1e-3);
}

TEST_CASE("a data-parallel step takes the slowest worker's step and one exchange") {
  const auto json = with(data_parallel(), {{"/outer", R"({"kind": "optimizer"})"},
                                           {"/workers/0/upload", R"({"latency_seconds": 5})"},
                                           {"/workers/3/download", R"({"latency_seconds": 1})"}});
  // 3.33 + 1 s against 0.58 + 5 s.
  CHECK(tiny::clock(json).final.time == sim::kTimeZero + 5 * sim::from_seconds(5.58));
}

TEST_CASE("plain gradients ask for a barrier, one step a round; the server's optimizer for plain gradients") {
  const auto json = with(data_parallel(), {{"/outer", R"({"kind": "optimizer"})"}});
  CHECK_NOTHROW(tiny::parse(json));
  CHECK_THAT(mistake_of(with(json, {{"/policy", R"({"kind": "grace-window"})"}})), Contains("/policy/kind"));
  CHECK_THAT(mistake_of(with(json, {{"/local_steps/steps", "2"}})), Contains("/local_steps gives 2 steps"));
  CHECK_THAT(mistake_of(with(json, {{"/local_steps", R"({"kind": "dynamic"})"}})), Contains("is not equal"));
  CHECK_THAT(mistake_of(with(json, {{"/local/optimizer", R"({"kind": "adamw"})"}})), Contains("/outer/kind"));
  CHECK_THAT(mistake_of(with(json, {{"/stop", R"({"simulated_seconds": 9})"}})), Contains("/outer/learning_rate"));
}

TEST_CASE("without its state an inner optimizer begins every round as the first") {
  const auto keeps = tiny::document();
  const auto resets = with(keeps, {{"/local/keep_state", "false"}});
  CHECK(tiny::train(with(keeps, {{"/stop/local_steps", "20"}})).params ==
        tiny::train(with(resets, {{"/stop/local_steps", "20"}})).params);  // one round each
  CHECK(tiny::train(keeps).params != tiny::train(resets).params);
  // SGD without momentum has no state to lose.
  const char* sgd = R"({"kind": "sgd"})";
  CHECK(tiny::train(with(keeps, {{"/local/optimizer", sgd}})).params ==
        tiny::train(with(resets, {{"/local/optimizer", sgd}})).params);
}

TEST_CASE("a round's first step at the peak: with rounds of one step the rate is constant, else the others follow") {
  const char* cosine = R"({"peak": 1e-2, "final": 1e-6})";
  const char* constant = R"({"peak": 1e-2, "final": 1e-2})";
  const auto scheduled = with(tiny::document(), {{"/local/learning_rate", cosine}});
  const auto at_peak = with(scheduled, {{"/local/first_step_at_peak", "true"}});
  const auto at_constant = with(scheduled, {{"/local/learning_rate", constant}});
  CHECK(tiny::train(at_peak).params != tiny::train(scheduled).params);
  CHECK(tiny::train(at_peak).params != tiny::train(at_constant).params);
  const char* one_step = R"({"kind": "equal", "steps": 1})";
  CHECK(tiny::train(with(at_peak, {{"/local_steps", one_step}})).params ==
        tiny::train(with(at_constant, {{"/local_steps", one_step}})).params);
  CHECK(tiny::train(with(at_peak, {{"/local/learning_rate", constant}})).params == tiny::train(at_constant).params);
}

TEST_CASE("the toy classifier learns its Gaussians, the same with any number of threads", "[threads]") {
  const auto run = tiny::train(toy(), 1);
  const auto& evaluations = run.log.evaluations;
  CHECK(evaluations.front().loss == Approx(std::log(4.0)).margin(0.2));
  CHECK(evaluations.back().loss < 0.8 * evaluations.front().loss);
  CHECK(run.log.final.tokens == 800 * 32);
  CHECK(tiny::train(toy(), 4).params == run.params);
  CHECK(tiny::clock(toy()).final.time == run.log.final.time);
}

TEST_CASE("points need a classifier, text a transformer, and points no pre-training") {
  CHECK_THAT(mistake_of(with(toy(), {{"/model", "{}"}})), Contains("/model is a transformer"));
  CHECK_THAT(mistake_of(with(tiny::document(), {{"/model", R"({"kind": "mlp"})"}})), Contains("/model/kind"));
  CHECK_THAT(mistake_of(with(toy(), {{"/start", R"({"kind": "pretrain"})"}})), Contains("/start/kind"));
  CHECK_THAT(mistake_of(with(toy(), {{"/data/points", "3"}})), Contains("/data/points is 3 for 4 shards"));
  CHECK_THAT(mistake_of(with(toy(), {{"/data/corpus", "\"data\""}})), Contains("/data/corpus"));
}

TEST_CASE("balanced rounds take as long as the fastest worker's steps, and weigh by tokens") {
  const Json balanced = with(tiny::document(), {{"/local_steps", R"({"kind": "dynamic", "steps": 20})"},
                                                {"/payload", R"({"kind": "sign", "error_feedback": false})"},
                                                {"/reduce", R"({"kind": "by-tokens"})"},
                                                {"/stop/local_steps", "90"}});
  const auto log = tiny::clock(balanced);
  REQUIRE(log.updates.size() == 8);  // two rounds of 20 + 15 + 7 + 3 steps
  CHECK(log.updates[0].time == sim::kTimeZero + std::chrono::milliseconds(11600));
  CHECK(log.final.local_steps == 90);
  const auto weighed = tiny::train(balanced), plain = tiny::train(with(balanced, {{"/reduce", R"({"kind": "mean"})"}}));
  CHECK(weighed.params != plain.params);
  const Json equal = with(balanced, {{"/local_steps", R"({"kind": "equal", "steps": 5})"}});
  CHECK(tiny::train(equal).params == tiny::train(with(equal, {{"/reduce", R"({"kind": "mean"})"}})).params);
}

TEST_CASE("EDiT without end of temperature, clip and gate is DiLoCo, and with them is not") {
  const auto mean = tiny::train(tiny::document());
  const auto edit = [](const char* reduce) { return tiny::train(with(tiny::document(), {{"/reduce", reduce}})); };
  CHECK(relative_difference(
            edit(R"({"kind": "edit", "temperature": 1e9, "clip": null, "anomaly_threshold": null})").params,
            mean.params) < 1e-5);
  CHECK(relative_difference(edit(R"({"kind": "edit"})").params, mean.params) > 1e-3);
}

TEST_CASE("SparseLoCo that keeps everything is Local-SGD to the bit, and learns where it keeps little") {
  const Json dense = with(tiny::document(), {{"/outer", R"({"kind": "sgd"})"}});
  const auto all = tiny::train(dense);
  const auto payload = [&](const char* text) { return tiny::train(with(dense, {{"/payload", text}})); };
  CHECK(payload(R"({"top_k": {"chunk": 64, "kept": 64}, "error_decay": 0.95})").params == all.params);
  const auto sparse = payload(R"({"kind": "two-bit", "top_k": {"chunk": 64, "kept": 8}, "error_decay": 0.95})");
  const auto& evaluations = sparse.log.evaluations;
  CHECK(evaluations.back().loss < evaluations.front().loss - 0.3);
  CHECK(evaluations.back().loss > all.log.evaluations.back().loss);
}

TEST_CASE("a resolved file of the new kinds parses to the same experiment") {
  for (const Json& json :
       {toy(), with(data_parallel(), {{"/outer", R"({"kind": "optimizer"})"}}),
        with(async(),
             {{"/outer", R"({"kind": "adam"})"},
              {"/corrections", R"([{"kind": "poly"}, {"kind": "threshold"}, {"kind": "delay-compensation"}])"}})}) {
    const Json resolved = experiments::to_json(tiny::parse(json));
    CHECK(experiments::to_json(tiny::parse(resolved)) == resolved);
  }
}
