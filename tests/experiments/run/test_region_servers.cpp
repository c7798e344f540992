#include <cmath>

#include "experiments/config/experiment_config.h"
#include "experiments/config/invalid_config.h"
#include "experiments/run/build.h"
#include "experiments/run/player.h"
#include "experiments/run/thread_pool.h"
#include "models/data/batch_source.h"
#include "models/outer/reductions.h"
#include "models/outer/rules.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/tiny_experiment.h"

using tiny::with;

namespace {

/// One parameter; the gradient is what the batch says, whatever the parameter is.
class Given final : public models::Objective {
 public:
  Given() { layout_.add("theta", {1}, models::TensorRole::hidden); }
  const models::ParamLayout& layout() const override { return layout_; }
  void initialise(std::span<float>, const models::RandomSource&) const override {}
  std::unique_ptr<models::Workspace> workspace() const override { return std::make_unique<models::Workspace>(); }
  double loss(std::span<const float> params, const models::Batch&, models::Workspace&) const override {
    return params[0];
  }
  double loss_and_gradient(std::span<const float>, const models::Batch& batch, models::Workspace&,
                           std::span<float> gradient) const override {
    gradient[0] = batch.features[0];
    return 0;
  }
  double flops_per_target(int64_t) const override { return 1; }

 private:
  models::ParamLayout layout_;
};

class Gradients final : public models::BatchSource {
 public:
  explicit Gradients(std::vector<float> values) : values_(std::move(values)) {}
  void fill(int64_t first, int64_t, models::Batch& batch) const override {
    batch.features = {values_.at(static_cast<size_t>(first))};
    batch.targets = {0};
  }

 private:
  std::vector<float> values_;
};

experiments::Json regions() {
  return with(tiny::document(), {{"/workers", R"([{"count": 2, "speed": {"seconds_per_step": 0.5}, "region": "a"},
                                {"count": 2, "speed": {"seconds_per_step": 1.1}, "region": "b"}])"},
                                 {"/network", R"({"kind": "shared", "regions": [
                  {"name": "a"}, {"name": "b", "up": {"bytes_per_second": 10000}, "down": {"bytes_per_second": 10000}}]})"},
                                 {"/policy", R"({"kind": "grace-window", "seconds": 0})"},
                                 {"/outer", R"({"kind": "delayed-nesterov", "rate": 0.3, "momentum": 0.5})"},
                                 {"/region_servers", R"({"updates": 4, "mix": 0.25,
                  "outer": {"kind": "delayed-nesterov", "rate": 0.4, "momentum": 0.9}})"}});
}

}  // namespace

TEST_CASE("a region's server and the root do the sums of HALoS") {
  // The vector of METHODS_SINCE_2024: sent after update 2, landed after update 3.
  Given objective;
  models::Batch point{.sequences = 1, .length = 1, .inputs = {}, .targets = {0}, .features = {0}};
  std::vector<std::unique_ptr<const models::BatchSource>> shards;
  shards.push_back(std::make_unique<Gradients>(std::vector<float>{0.4f, 0.2f, 0.1f, 0.3f}));
  experiments::PlayerParts parts;
  parts.trainer = std::make_unique<models::LocalTrainer>(objective, models::PlainGradientConfig{},
                                                         models::RoundSchedule{}, std::move(shards));
  parts.evaluator = std::make_unique<models::Evaluator>(objective, std::vector<std::vector<models::Batch>>{{point}});
  const models::RuleContext context{&objective.layout(), 1, 4};
  parts.servers.push_back(
      {models::make(models::DelayedNesterovConfig{.rate = 1, .momentum = 0.5, .period = 2}, context),
       models::make(models::MeanConfig{}, objective.layout()), 0.25});
  parts.servers.push_back(
      {models::make(models::DelayedNesterovConfig{.rate = 0.5, .momentum = 0.5, .period = 1}, context),
       models::make(models::MeanConfig{}, objective.layout()), 1.0});
  parts.start = models::Params(objective.layout().size());
  parts.start[0] = 1;
  parts.workers = 1;

  // Worker 0, its server 1, the root 2. Each round begins with the model that the one before left, and its plain
  // gradient is what the batch says, so a Train's place among the others is all the same.
  sim::Score score;
  sim::Counters at;
  const auto update = [&](int64_t n) {
    score.push_back(sim::Train{0, 1, 0, n, 1});
    score.push_back(sim::Apply{1, 0, {{0, 0}}, at});
  };
  update(0);
  update(1);
  score.push_back(sim::Send{1});
  update(2);
  score.push_back(sim::Apply{2, 0, {{1, 0}}, at});
  score.push_back(sim::Answer{1, 2});
  score.push_back(sim::Merge{1});
  update(3);
  score.push_back(sim::Send{1});  // θ_l just after the merge, less θ_l now
  score.push_back(sim::Apply{2, 0, {{1, 0}}, at});
  experiments::ThreadPool pool(1);
  experiments::Player player(std::move(parts), pool);
  const auto after = [&](size_t actions) {
    sim::Score first(score.begin(), score.begin() + static_cast<ptrdiff_t>(actions));
    player.play(first);
    return player.params()[0];
  };
  CHECK(after(7) == 1.0f);            // the root hears of nothing before
  CHECK(after(8) == Approx(0.6625));  // Θ: 1 − 0.5·(0.5·0.45 + 0.45)
  CHECK(after(score.size()) < 0.6625f);
  // The second message is U = 0.540625 − 0.215625 = 0.325; the root's momentum is then 0.5·0.45 + 0.325 = 0.55.
  CHECK(player.params()[0] == Approx(0.6625 - 0.5 * (0.5 * 0.55 + 0.325)));
}

TEST_CASE("a run with a server in each region is the same for any number of threads, and its regions learn") {
  const auto one = tiny::train(regions(), 1), four = tiny::train(regions(), 4);
  CHECK(one.params == four.params);
  CHECK(one.log.fingerprint == four.log.fingerprint);
  CHECK(one.log.final.server_updates > 0);
  CHECK(one.log.evaluations.back().loss < one.log.evaluations.front().loss);
  // K = ∞: nothing ever reaches the root.
  const auto never = tiny::train(with(regions(), {{"/region_servers/updates", "1000000"}}));
  CHECK(never.log.final.server_updates == 0);
  CHECK(never.log.evaluations.back().loss == never.log.evaluations.front().loss);
  // What the share α of the root's model is matters from the first merge on.
  CHECK(tiny::train(with(regions(), {{"/region_servers/mix", "0"}})).params != one.params);
}

TEST_CASE("only what a region's server sends crosses its region's link") {
  const auto bytes = [](const char* updates) {
    const auto log = tiny::clock(with(regions(), {{"/region_servers/updates", updates}}));
    const auto run = tiny::run_of(regions());
    const auto parts = experiments::build_clock(run, 1);
    const auto rounds = static_cast<uint64_t>(log.updates.size());  // workers' messages that were applied
    return std::pair(log.final.bytes_up / parts.fragments.front().model, rounds);
  };
  const auto [often, rounds] = bytes("1");
  const auto [seldom, same_rounds] = bytes("8");
  CHECK(rounds == same_rounds);  // the workers wait for nobody
  CHECK(often > seldom);
}

TEST_CASE("servers of regions need regions that every worker lives in") {
  const auto message = [](const experiments::Json& json) {
    return error_message<experiments::InvalidConfig>([&] { tiny::parse(json); });
  };
  CHECK_THAT(message(with(regions(), {{"/network", R"({"kind": "private"})"},
                                      {"/workers/0/region", "null"},
                                      {"/workers/1/region", "null"}})),
             Catch::Contains("/region_servers needs regions to put servers in"));
  CHECK_THAT(message(with(regions(), {{"/workers/1/region", "null"}})),
             Catch::Contains("/workers/1/region is null, but every worker has a region's server"));
  CHECK_THAT(message(with(regions(), {{"/overlap", "{}"}})), Catch::Contains("/overlap stands beside region_servers"));
  CHECK_THAT(message(with(regions(), {{"/region_servers/mix", "1.5"}})), Catch::Contains("from 0 to 1"));
  // The policy is that of a region's server, the root hears of regions only, and both rules are checked.
  CHECK_THAT(message(with(regions(), {{"/policy", R"({"kind": "quorum", "workers": 3, "seconds": 1})"}})),
             Catch::Contains("/policy/workers is 3, but a region has only 2 workers"));
  CHECK_NOTHROW(tiny::parse(with(regions(), {{"/outer/spread", "0.5"}})));
  CHECK_THAT(message(with(regions(), {{"/outer/spread", "0.6"}})),
             Catch::Contains("/outer/spread is 0.6 with a period of 2"));
  CHECK_THAT(message(with(regions(), {{"/region_servers/outer/spread", "0.6"}})),
             Catch::Contains("/region_servers/outer/spread is 0.6 with a period of 2"));
}
