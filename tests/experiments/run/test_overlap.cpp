#include <cmath>

#include "experiments/config/experiment_config.h"
#include "experiments/config/invalid_config.h"
#include "experiments/run/player.h"
#include "experiments/run/thread_pool.h"
#include "models/data/batch_source.h"
#include "models/outer/landings.h"
#include "models/outer/reductions.h"
#include "models/outer/rules.h"
#include "models/payload/payload.h"
#include "sim/clock/run_clock.h"
#include "sim/network/private_links.h"
#include "sim/workers/steady.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/tiny_experiment.h"

using tiny::with;

namespace {

/// METHODS_SINCE_2024's quadratic toy: a step of worker m is x ← x − 0.1 (x − c_m), one tensor per coordinate, or both
/// in one.
class Toy final : public models::Objective {
 public:
  explicit Toy(bool one_tensor) {
    if (one_tensor) {
      layout_.add("x", {2}, models::TensorRole::hidden);
    } else {
      layout_.add("x0", {1}, models::TensorRole::hidden);
      layout_.add("x1", {1}, models::TensorRole::hidden);
    }
  }
  size_t place(size_t i) const { return layout_.tensors().size() == 1 ? i : layout_.tensors()[i].offset; }
  const models::ParamLayout& layout() const override { return layout_; }
  void initialise(std::span<float>, const models::RandomSource&) const override {}
  std::unique_ptr<models::Workspace> workspace() const override { return std::make_unique<models::Workspace>(); }
  double loss(std::span<const float>, const models::Batch&, models::Workspace&) const override { return 0; }
  double loss_and_gradient(std::span<const float> x, const models::Batch& batch, models::Workspace&,
                           std::span<float> gradient) const override {
    for (size_t i = 0; i < 2; ++i) gradient[place(i)] = x[place(i)] - batch.features[i];
    return 0;
  }
  double flops_per_target(int64_t) const override { return 1; }

 private:
  models::ParamLayout layout_;
};

class Centre final : public models::BatchSource {
 public:
  explicit Centre(std::vector<float> c) : c_(std::move(c)) {}
  void fill(int64_t, int64_t, models::Batch& batch) const override {
    batch.features = c_;
    batch.targets = {0};
  }

 private:
  std::vector<float> c_;
};

struct ToyRun {
  int fragments = 1;
  std::optional<int64_t> overlap = {};
  models::LandingConfig landing = {};
  models::NesterovConfig outer{.rate = 0.4, .momentum = 0.9};
  models::PayloadConfig payload = {};
  bool one_tensor = false;
  int64_t local_steps = 0;  // of both workers
  int64_t workers = 2;
};

/// The outer parameters in the end.
std::vector<double> outer_of(const ToyRun& toy) {
  const auto objective = std::make_shared<Toy>(toy.one_tensor);
  std::vector<std::unique_ptr<const models::BatchSource>> shards;
  shards.push_back(std::make_unique<Centre>(std::vector<float>{1, 0}));
  shards.push_back(std::make_unique<Centre>(std::vector<float>{0, 2}));
  experiments::PlayerParts parts;
  parts.objective = objective;
  parts.trainer = std::make_unique<models::LocalTrainer>(
      *objective, models::SgdConfig{},
      models::RoundSchedule{.schedule = {.peak = 0.1, .final = 0.1, .total_steps = 1000}}, std::move(shards));
  models::Batch point{.sequences = 1, .length = 1, .inputs = {}, .targets = {0}, .features = {0, 0}};
  parts.evaluator = std::make_unique<models::Evaluator>(*objective, std::vector<std::vector<models::Batch>>{{point}});
  if (toy.fragments > 1) parts.fragments = models::cut(objective->layout(), {toy.fragments});
  const auto* own = std::get_if<models::OwnStepConfig>(&toy.landing);
  for (int f = 0; f < toy.fragments; ++f) {
    auto rule = models::make(toy.outer);
    if (own) rule = models::make_mean_of_own_steps(*own, std::move(rule), toy.workers);
    parts.servers.push_back({std::move(rule), models::make(models::MeanConfig{}, objective->layout()), 1.0});
  }
  parts.landing = [&](const models::ParamLayout&) {
    if (own) return models::make_own_step(*own, models::make(toy.outer), toy.workers);
    if (const auto* mix = std::get_if<models::MixConfig>(&toy.landing)) return models::make(*mix);
    return models::make(models::OverwriteConfig{});
  };
  parts.mean_returns = own;
  parts.payload = toy.payload;
  parts.start = models::Params(objective->layout().size());
  parts.workers = toy.workers;

  sim::ClockParts clock;
  clock.workers.count = static_cast<size_t>(toy.workers);
  clock.workers.speed = sim::PerWorker<std::shared_ptr<const sim::SpeedModel>>(
      std::vector<std::shared_ptr<const sim::SpeedModel>>(clock.workers.count, std::make_shared<sim::SteadySpeed>(1)));
  clock.network =
      std::make_unique<sim::PrivateLinks>(sim::PerWorker<sim::PrivateLink>(std::vector<sim::PrivateLink>(1)),
                                          sim::MessageNumbers{toy.fragments}, clock.workers.count);
  clock.servers.emplace_back();
  for (int f = 0; f < toy.fragments; ++f)
    clock.servers[0].policies.push_back(sim::make_barrier(static_cast<int>(toy.workers)));
  clock.fragments.resize(static_cast<size_t>(toy.fragments));
  clock.overlap = sim::Overlap{toy.overlap};
  clock.plan = sim::make(sim::EqualStepsConfig{4}, {});
  clock.shards = 2;
  clock.shard_choice = sim::make(sim::ChooseFixed{}, {{1, 1}, 1});
  clock.stop.local_steps = toy.local_steps;
  clock.evaluate.server_updates = 1000;
  sim::Score score;
  sim::run_clock(clock, {.write = sim::append_to(score)});
  experiments::ThreadPool pool(2);
  experiments::Player player(std::move(parts), pool);
  player.play(score);
  const models::Params x = player.params();
  return {x[objective->place(0)], x[objective->place(1)]};
}

void check(const std::vector<double>& found, const std::vector<double>& expected) {
  for (size_t i = 0; i < expected.size(); ++i) CHECK(found[i] == Approx(expected[i]).epsilon(2e-6));
}

}  // namespace

TEST_CASE("Streaming DiLoCo on the quadratic toy gives its vectors") {
  // After 9 steps fragment 1 has landed at steps 3 and 7, fragment 0 at 5 and 9; it lands where all have sent it.
  check(outer_of({.fragments = 2, .overlap = 1, .landing = models::MixConfig{0.5}, .local_steps = 16}),
        {0.282978238, 0.417250108});
  check(outer_of({.fragments = 2, .overlap = 2, .landing = models::MixConfig{0}, .local_steps = 20}),
        {0.239723319, 0.534402328});
  check(outer_of({.fragments = 1,
                  .overlap = 1,
                  .landing = models::MixConfig{0.5},
                  .payload = {.kind = models::E3M0{}, .error_feedback = false},
                  .one_tensor = true,
                  .local_steps = 16}),
        {0.282500925, 0.565001851});
}

TEST_CASE("without overlap and with nothing of their own kept the replicas of the toy are DiLoCo") {
  const std::vector<std::vector<double>> rounds = {
      {0.2286935, 0.457387}, {0.450281216, 0.900562432}, {0.613670434, 1.22734087}};
  for (size_t r = 0; r < rounds.size(); ++r)
    check(outer_of({.overlap = 0,
                    .landing = models::MixConfig{0},
                    .outer = {.rate = 0.7, .momentum = 0.9},
                    .local_steps = static_cast<int64_t>(8 * (r + 1))}),
          rounds[r]);
}

TEST_CASE("eager and delayed steps on the toy give the mean of their replicas' vectors") {
  check(outer_of({.landing = models::OwnStepConfig{.eager = true},
                  .outer = {.rate = 0.7, .momentum = 0.9},
                  .local_steps = 24}),
        {(1.05598472 + 0.397980499) / 2, (0.795960998 + 2.11196944) / 2});
  check(outer_of({.landing = models::OwnStepConfig{.eager = false},
                  .outer = {.rate = 0.7, .momentum = 0.9},
                  .local_steps = 24}),
        {(1.27815169 + 0.450281216) / 2, (0.900562432 + 2.55630337) / 2});
}

TEST_CASE("an overlap of no steps that takes the server's values over is a round with a wait, to the bit") {
  const auto links = std::pair<std::string, std::string>(
      "/workers", R"([{"count": 2, "speed": {"seconds_per_step": 0.5}, "upload": {"bytes_per_second": 50000}},
                     {"count": 2, "speed": {"seconds_per_step": 1.1}, "download": {"latency_seconds": 0.3}}])");
  for (const char* policy : {R"({"kind": "barrier"})", R"({"kind": "grace-window", "seconds": 1})"}) {
    const auto waits = with(tiny::document(), {links, {"/policy", policy}, {"/shard_choice", R"("fixed")"}});
    const auto rounds = tiny::train(waits);
    for (const char* landing : {R"({"kind": "overwrite"})", R"({"kind": "mix", "local": 0})"}) {
      const auto overlap =
          tiny::train(with(waits, {{"/overlap", std::string(R"({"steps": 0, "landing": )") + landing + "}"}}));
      CHECK((overlap.params == rounds.params));
      CHECK(overlap.log.final.time == rounds.log.final.time);
      CHECK(overlap.log.final.bytes_up == rounds.log.final.bytes_up);
      CHECK(overlap.log.activity_seconds == rounds.log.activity_seconds);
      CHECK(overlap.log.updates.size() == rounds.log.updates.size());
    }
  }
}

TEST_CASE("workers that train on are the same for any number of threads, fragments or none, and learn", "[threads]") {
  for (const char* fragments : {"null", R"({"count": 5})"})
    for (const char* overlap : {R"({"steps": 0})", R"({"steps": null, "landing": {"kind": "mix"}})",
                                R"({"steps": null, "landing": {"kind": "own-step"}})"}) {
      const auto json = with(tiny::document(), {{"/fragments", fragments}, {"/overlap", overlap}});
      const auto one = tiny::train(json, 1), four = tiny::train(json, 4);
      CHECK((one.params == four.params));
      CHECK(one.log.fingerprint == four.log.fingerprint);
      CHECK(one.log.evaluations.back().loss < one.log.evaluations.front().loss);
      CHECK(one.log.final.local_steps == 160);
      for (const auto& use : one.log.workers)
        CHECK(use.compute + use.upload + use.download + use.wait + use.down == one.log.final.time - sim::kTimeZero);
    }
}

TEST_CASE("fragments send what the whole model would, once a round, and their peak is a part of it") {
  const auto slow = with(tiny::homogeneous(), {{"/network", R"({"kind": "ring"})"},
                                               {"/workers/0/upload", R"({"bytes_per_second": 20000})"}});
  const auto whole = tiny::clock(slow);
  const auto parts = tiny::clock(with(slow, {{"/fragments", R"({"count": 5})"}}));
  const auto overlapped = tiny::clock(with(slow, {{"/overlap", R"({"steps": 4})"}}));
  CHECK(parts.final.bytes_up == whole.final.bytes_up);
  CHECK(overlapped.final.local_steps == whole.final.local_steps);
  CHECK(overlapped.final.time < whole.final.time);
  for (const auto& use : overlapped.workers) CHECK(use.overlapped > sim::Duration{0});
  for (const auto& use : whole.workers) CHECK(use.overlapped == sim::Duration{0});
}

TEST_CASE("replicas that crash come back to the others' turn, and what was not applied counts as lost", "[threads]") {
  const auto world =
      with(tiny::document(),
           {{"/workers/1/availability", R"({"kind": "random", "mean_up_seconds": 9, "mean_down_seconds": 2})"},
            {"/fragments", R"({"count": 5})"},
            {"/overlap", R"({"steps": null, "landing": {"kind": "mix"}})"}});
  const auto one = tiny::train(world, 1), four = tiny::train(world, 4);
  CHECK(one.log.crashes > 0);
  CHECK((one.params == four.params));
  CHECK(one.log.final.local_steps >= 160);
  CHECK(one.log.lost_steps >= one.log.crashed_steps);
}

TEST_CASE("messages by layer train the same as messages between steps, in less time", "[threads]") {
  const auto world = with(tiny::homogeneous(), {{"/network", R"({"kind": "ring"})"},
                                                {"/model/layers", "2"},
                                                {"/local_steps/steps", "4"},
                                                {"/shard_choice", R"("fixed")"},
                                                {"/stop", R"({"server_updates": 8})"},
                                                {"/workers/0/upload", R"({"bytes_per_second": 100000})"}});
  for (const char* count : {"1", "2"})
    for (const char* overlap : {"null", R"({"steps": 1, "landing": {"kind": "mix"}})"}) {
      INFO(count << " " << overlap);
      const std::string fragments = std::string(R"({"count": )") + count;
      const auto between = tiny::train(with(world, {{"/fragments", fragments + "}"}, {"/overlap", overlap}}));
      const auto json = with(world, {{"/fragments", fragments + R"(, "by_layer": true})"}, {"/overlap", overlap}});
      const auto one = tiny::train(json, 1), four = tiny::train(json, 4);
      CHECK((one.params == four.params));
      CHECK((one.params == between.params));
      CHECK(one.log.final.time < between.log.final.time);
      CHECK(one.log.final.bytes_up == between.log.final.bytes_up);
    }
}

TEST_CASE("settings of workers that train on are refused where they contradict others") {
  const auto message = [](const std::vector<std::pair<std::string, std::string>>& settings) {
    return error_message<experiments::InvalidConfig>([&] { tiny::parse(with(tiny::document(), settings)); });
  };
  CHECK_THAT(message({{"/fragments", R"({"count": 2})"}}),
             Catch::Contains("/fragments/count is 2, but a round has 5 local steps"));
  CHECK_THAT(message({{"/fragments", R"({"count": 5})"}, {"/local_steps", R"({"kind": "dynamic", "steps": 5})"}}),
             Catch::Contains("the workers' rounds differ"));
  CHECK_THAT(message({{"/fragments", R"({"count": 1, "by_layer": true})"}, {"/policy", R"({"kind": "pull"})"}}),
             Catch::Contains("/fragments/by_layer is true, but with policy pull"));
  CHECK_THAT(message({{"/overlap", R"({"steps": 5})"}}), Catch::Contains("/overlap/steps is 5, but after 5"));
  CHECK_THAT(message({{"/fragments", R"({"count": 5})"}, {"/overlap", R"({"steps": 1})"}}),
             Catch::Contains("/overlap/steps is 1, but after 1 local steps the next fragment leaves"));
  CHECK_THAT(message({{"/overlap", R"({"landing": {"kind": "mix", "local": 1.5}})"}}), Catch::Contains("from 0 to 1"));
  CHECK_THAT(message({{"/overlap", R"({"steps": 1, "landing": {"kind": "own-step"}})"}}),
             Catch::Contains("needs a whole round for the mean to arrive"));
  CHECK_THAT(message({{"/overlap", R"({"steps": null, "landing": {"kind": "own-step"}})"},
                      {"/policy", R"({"kind": "grace-window"})"}}),
             Catch::Contains("with policy barrier"));
  CHECK_THAT(message({{"/overlap", "{}"}, {"/local/keep_state", "false"}}), Catch::Contains("/local/keep_state true"));
  CHECK_THAT(message({{"/overlap", "{}"}, {"/local_steps", R"({"kind": "timed", "seconds": 3})"}}),
             Catch::Contains("stands beside rounds of fixed time"));
}

TEST_CASE("one fragment that all are asked for every H steps, at no cost of time, is DiLoCo to the bit") {
  const auto fixed = with(tiny::homogeneous(), {{"/shard_choice", R"("fixed")"}});
  const auto rounds = tiny::train(fixed);
  const auto asked = tiny::train(with(fixed, {{"/policy", R"({"kind": "pull", "quorum": 4})"}}));
  CHECK((asked.params == rounds.params));
  CHECK(asked.log.final.time == rounds.log.final.time);
  CHECK(asked.log.updates.size() == rounds.log.updates.size());
  // An anchor that has not moved changes nothing.
  const auto anchored = tiny::train(with(
      fixed, {{"/policy", R"({"kind": "pull", "quorum": 4})"}, {"/corrections", R"([{"kind": "present-anchor"}])"}}));
  CHECK((anchored.params == rounds.params));
}

TEST_CASE("workers that are asked never wait, whatever their links, and steps count once", "[threads]") {
  const auto world = with(
      tiny::document(),
      {{"/workers",
        R"([{"count": 2, "speed": {"seconds_per_step": 0.5}, "upload": {"bytes_per_second": 4000, "latency_seconds": 0.2}},
                 {"count": 2, "speed": {"seconds_per_step": 1.3}, "download": {"latency_seconds": 0.7}}])"},
       {"/policy", R"({"kind": "pull", "quorum": 2})"},
       {"/fragments", R"({"count": 5, "cut": "balanced"})"},
       {"/local_steps/steps", "5"},
       {"/reduce", R"({"kind": "radial-directional"})"},
       {"/corrections", R"([{"kind": "present-anchor"}])"},
       {"/outer/rate", "0.3"}});
  const auto one = tiny::train(world, 1), four = tiny::train(world, 4);
  CHECK((one.params == four.params));
  CHECK(one.log.fingerprint == four.log.fingerprint);
  CHECK(one.log.evaluations.back().loss < one.log.evaluations.front().loss);
  for (const auto& use : one.log.workers) {
    CHECK(use.wait + use.upload == sim::Duration{0});  // after the model has come for the first time
    CHECK(use.download <= sim::from_seconds(0.7));
  }
  int64_t steps = 0;
  for (const auto& update : one.log.updates)
    if (!update.dropped) steps += update.local_steps;
  CHECK(steps == one.log.final.local_steps);
  CHECK(one.log.final.local_steps <= 165);
}

TEST_CASE("workers that crash while they are asked come back and are asked again", "[threads]") {
  const auto world =
      with(tiny::document(),
           {{"/workers/1/availability", R"({"kind": "random", "mean_up_seconds": 9, "mean_down_seconds": 2})"},
            {"/policy", R"({"kind": "pull", "quorum": 3})"},
            {"/fragments", R"({"count": 3})"}});
  const auto one = tiny::train(world, 1), four = tiny::train(world, 4);
  CHECK(one.log.crashes > 0);
  CHECK((one.params == four.params));
  CHECK(one.log.final.local_steps >= 160);
}
