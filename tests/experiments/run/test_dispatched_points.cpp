#include <cmath>

#include "experiments/config/experiment_config.h"
#include "experiments/run/shared_inputs.h"
#include "experiments/run/thread_pool.h"
#include "models/data/gaussian_mixture.h"
#include "tests/support/catch.h"
#include "tests/support/tiny_experiment.h"

// Whole runs of rules that send out another point than θ.

using experiments::Json;
using tiny::with;

namespace {

Json points() {
  return with(tiny::document(),
              {{"/data", R"({"kind": "gaussian-mixture", "clusters": 1, "dimensions": 32, "points": 512})"},
               {"/model", R"({"kind": "mlp", "hidden": 16})"},
               {"/local", R"({"batch_size": 32, "learning_rate": {"peak": 1e-2, "final": 1e-3, "total_steps": 100}})"},
               {"/policy", R"({"kind": "grace-window", "seconds": 0.5})"},
               {"/update_weight", "0.5"},
               {"/evaluation", R"({"every": {"server_updates": 1}, "windows": 64})"}});
}
Json one_worker() {
  return with(
      points(),
      {{"/workers", R"([{"speed": {"seconds_per_step": 1}}])"}, {"/data/shards/count", "1"}, {"/update_weight", "1"}});
}
Json ruled(const Json& json, const char* outer) { return with(json, {{"/outer", outer}}); }

/// ‖a − b‖ / ‖a − start‖.
double difference_per_move(const models::Params& a, const models::Params& b, const models::Params& start) {
  double apart = 0.0, moved = 0.0;
  for (size_t i = 0; i < a.size(); ++i) {
    apart += std::pow(static_cast<double>(a[i]) - b[i], 2);
    moved += std::pow(static_cast<double>(a[i]) - start[i], 2);
  }
  return std::sqrt(apart / moved);
}

models::Params start_of(const Json& json) {
  experiments::ThreadPool pool(1);
  experiments::SharedInputs inputs(pool);
  return *inputs.start(tiny::run_of(json), 3, {});
}

constexpr double kRounding = 1e-3;

}  // namespace

TEST_CASE("HeLoCo's worker starts each round at θ − εβm and brings the difference to that, as computed by hand") {
  const Json json = ruled(one_worker(), R"({"kind": "heloco", "rate": 0.5, "momentum": 0.75, "ok_cosine": -2})");
  const auto trained = tiny::train(json);
  REQUIRE(trained.log.final.server_updates == 32);

  const experiments::RunConfig run = tiny::run_of(json);
  experiments::ThreadPool pool(1);
  experiments::SharedInputs inputs(pool);
  const auto objective = inputs.objective(run);
  const auto set = inputs.points(std::get<experiments::MixtureData>(run.data), 3);
  std::vector<std::unique_ptr<const models::BatchSource>> shards;
  shards.push_back(std::make_unique<models::PointBatches>(set->points, set->shards.at(0), set->order, 0));
  const models::LocalTrainer trainer(*objective, run.local.optimizer, {run.local.learning_rate, 32}, std::move(shards));
  const models::Params start = *inputs.start(run, 3, {});
  models::Params theta = start, m(theta.size(), 0.0f);
  models::LocalModel model;
  for (int64_t round = 0; round < 32; ++round) {
    models::Params dispatched = theta;
    for (size_t i = 0; i < theta.size(); ++i) dispatched[i] -= 0.375f * m[i];
    model.params = dispatched;
    models::LocalTask task{.shard = 0, .first_example = 5 * round * 32, .batch = 32, .steps = 5};
    trainer.run(model, task);
    for (size_t i = 0; i < theta.size(); ++i) {
      const float g = dispatched[i] - model.params[i];
      m[i] = 0.75f * m[i] + 0.25f * g;
      theta[i] -= 0.5f * (0.75f * m[i] + g);
    }
  }
  CHECK(difference_per_move(trained.params, theta, start) < kRounding);
  const auto from_theta = tiny::train(with(json, {{"/outer/look_ahead", "false"}}));
  CHECK(difference_per_move(trained.params, from_theta.params, start) > 0.02);
}

TEST_CASE("HeLoCo's runs are MLA's where it corrects nothing and sends out θ; without momentum both are SGD's") {
  const auto mla = tiny::train(ruled(points(), R"({"kind": "mla"})"));
  CHECK(mla.params ==
        tiny::train(ruled(points(), R"({"kind": "heloco", "ok_cosine": -2, "look_ahead": false})")).params);
  CHECK(mla.params != tiny::train(ruled(points(), R"({"kind": "heloco", "ok_cosine": -2})")).params);
  CHECK(mla.params != tiny::train(ruled(points(), R"({"kind": "heloco", "look_ahead": false})")).params);
  const auto sgd = tiny::train(ruled(points(), R"({"kind": "sgd", "rate": 0.7})"));
  CHECK(sgd.params == tiny::train(ruled(points(), R"({"kind": "mla", "momentum": 0})")).params);
  CHECK(sgd.params == tiny::train(ruled(points(), R"({"kind": "heloco", "momentum": 0, "ok_cosine": -2})")).params);
}

TEST_CASE("the update weight comes before HeLoCo's correction: half of it is half the rate") {
  // A correction that saw other sizes of g than m was made of would turn by another angle.
  const auto run = [](const char* weight, const char* outer) {
    return tiny::train(with(ruled(points(), outer), {{"/update_weight", weight}})).params;
  };
  const auto weighted = run("0.5", R"({"kind": "heloco", "rate": 1, "form": "paper"})");
  CHECK(difference_per_move(weighted, run("1", R"({"kind": "heloco", "rate": 0.5, "form": "paper"})"),
                            start_of(points())) < kRounding);
  CHECK(difference_per_move(weighted, run("1", R"({"kind": "heloco", "rate": 1, "form": "paper"})"),
                            start_of(points())) > 0.05);
}

TEST_CASE("a fresh pseudo-gradient has nothing to correct, also where its worker began elsewhere than at θ") {
  for (const char* outer : {R"({"kind": "heloco"})", R"({"kind": "schedule-free"})"}) {
    const Json json = ruled(one_worker(), outer);
    const char* all = R"([{"kind": "poly"}, {"kind": "delay-compensation", "lambda": 3}])";
    CHECK(tiny::train(with(json, {{"/corrections", all}})).params == tiny::train(json).params);
  }
}

TEST_CASE("schedule-free with b = 0 trains as SGD does, and evaluates and keeps the mean of SGD's models") {
  const auto stopped = [](const char* outer, int updates) {
    const std::string stop = R"({"server_updates": )" + std::to_string(updates) + "}";
    return tiny::train(with(ruled(points(), outer), {{"/stop", stop}}));
  };
  const char* free = R"({"kind": "schedule-free", "rate": 0.75, "interpolation": 0})";
  const char* sgd = R"({"kind": "sgd", "rate": 0.75})";
  constexpr int kUpdates = 6;
  const auto a = stopped(free, kUpdates), b = stopped(sgd, kUpdates);
  REQUIRE(a.log.updates.size() == b.log.updates.size());
  for (size_t i = 0; i < a.log.updates.size(); ++i) CHECK(a.log.updates[i].train_loss == b.log.updates[i].train_loss);
  CHECK(a.log.evaluations.at(1).loss == b.log.evaluations.at(1).loss);  // the mean of one
  CHECK(a.log.evaluations.at(2).loss != b.log.evaluations.at(2).loss);
  models::Params mean(a.params.size(), 0.0f);
  for (int t = 1; t <= kUpdates; ++t) {
    const auto z = stopped(sgd, t).params;
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += z[i] / kUpdates;
  }
  CHECK(difference_per_move(a.params, mean, start_of(points())) < 1e-5);
  CHECK(difference_per_move(a.params, b.params, start_of(points())) > 0.05);
}

TEST_CASE("runs that send out another point than θ are the same with any number of threads", "[threads]") {
  for (const char* outer : {R"({"kind": "heloco"})", R"({"kind": "schedule-free", "rate": 0.5})"}) {
    const Json json = ruled(with(tiny::document(), {{"/policy", R"({"kind": "grace-window", "seconds": 0.5})"},
                                                    {"/update_weight", "\"1/sqrt(workers)\""}}),
                            outer);
    const auto one = tiny::train(json, 1), four = tiny::train(json, 4);
    CHECK(one.params == four.params);
    CHECK(one.log.fingerprint == four.log.fingerprint);
    CHECK(one.log.evaluations.back().loss == four.log.evaluations.back().loss);
  }
}
