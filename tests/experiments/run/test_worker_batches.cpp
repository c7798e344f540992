#include <cmath>

#include "experiments/config/experiment_config.h"
#include "experiments/run/build_workers.h"
#include "experiments/run/memory_need.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/tiny_experiment.h"

// A batch per worker.

using namespace experiments;
using Catch::Matchers::Contains;
using tiny::with;

namespace {

Json cluster_of(const std::string& entries) { return with(tiny::document(), {{"/workers", "[" + entries + "]"}}); }

/// Balanced rounds of two machines that are alike, whose rounds are as long: H of `steps`.
Json balanced_rounds(const std::string& entries, int64_t steps) {
  return with(cluster_of(entries), {{"/local/batch_size", "4"},
                                    {"/local_steps", R"({"kind": "dynamic", "steps": )" + std::to_string(steps) + "}"},
                                    {"/payload", R"({"kind": "sign", "error_feedback": false})"},
                                    {"/reduce", R"({"kind": "by-tokens"})"},
                                    {"/stop", R"({"tokens": 5120})"},  // 8 rounds
                                    {"/evaluation/every", R"({"server_updates": 4})"}});
}

/// Applied local steps of each of two workers.
std::array<int64_t, 2> steps_by_worker(const RunLog& log) {
  std::array<int64_t, 2> steps{};
  for (const auto& update : log.updates) steps.at(static_cast<size_t>(update.worker)) += update.local_steps;
  return steps;
}

double share_apart(const models::Params& a, const models::Params& b) {
  double apart = 0.0, size = 0.0;
  for (size_t i = 0; i < a.size(); ++i) {
    apart += std::pow(static_cast<double>(a[i]) - b[i], 2);
    size += std::pow(static_cast<double>(a[i]), 2);
  }
  return std::sqrt(apart / size);
}

std::vector<double> speeds_known(const Json& json) {
  const RunConfig run = tiny::run_of(json);
  return known_speeds(run, build_workers(run, 1));
}

}  // namespace

TEST_CASE("where every worker's batch is the run's, nothing changes, to the bit", "[bits]") {
  const Json window = with(tiny::document(), {{"/policy", R"({"kind": "grace-window", "seconds": 0.5})"},
                                              {"/outer", R"({"kind": "nesterov", "rate": 0.1})"}});
  for (const Json& base : {balanced_rounds(R"({"count": 2, "speed": {"seconds_per_step": 1}})", 5), window,
                           with(tiny::document(), {{"/fragments", R"({"count": 5})"}})}) {
    Json equal = base;
    for (Json& worker : equal["workers"]) worker["batch_size"] = base["local"]["batch_size"];
    const auto a = tiny::train(base), b = tiny::train(equal);
    CHECK(a.params == b.params);
    CHECK(a.log.fingerprint == b.log.fingerprint);
    CHECK(a.log.final.tokens == b.log.final.tokens);
    CHECK(a.log.final.time == b.log.final.time);
    equal["workers"][0]["batch_size"] = 3;
    CHECK(tiny::train(equal).params != a.params);
  }
}

TEST_CASE("a worker of half the batch takes twice the steps: the same tokens in the same time") {
  const auto whole = tiny::train(balanced_rounds(R"({"count": 2, "speed": {"seconds_per_step": 1}})", 5));
  const auto half = tiny::train(balanced_rounds(
      R"({"speed": {"seconds_per_step": 1}}, {"batch_size": 2, "speed": {"seconds_per_step": 1}})", 10));
  CHECK(steps_by_worker(whole.log) == std::array<int64_t, 2>{40, 40});
  CHECK(steps_by_worker(half.log) == std::array<int64_t, 2>{40, 80});
  for (const RunLog* log : {&whole.log, &half.log}) {
    CHECK(log->final.tokens == 8 * 2 * 5 * 4 * 16);
    CHECK(log->final.server_updates == 8);
    CHECK(log->final.time == sim::kTimeZero + sim::from_seconds(40));
    CHECK(log->workers.at(0).wait == sim::Duration::zero());
  }
  CHECK(half.params != whole.params);
}

TEST_CASE("gradients of unequal batches, weighted by tokens, are one worker's of their sum, to rounding") {
  // On one shard the workers' batches are consecutive, together just the large one.
  const auto data_parallel = [](const std::string& entries) {
    return with(cluster_of(entries), {{"/data/shards/count", "1"},
                                      {"/local/optimizer", R"({"kind": "gradient"})"},
                                      {"/local_steps/steps", "1"},
                                      {"/reduce", R"({"kind": "by-tokens"})"},
                                      {"/outer", R"({"kind": "optimizer", "optimizer": {"kind": "sgd", "momentum": 0.9},
                               "learning_rate": {"peak": 0.1}})"},
                                      {"/stop", R"({"tokens": 2560})"},
                                      {"/evaluation/every", R"({"server_updates": 10})"}});
  };
  const auto four = tiny::train(data_parallel(R"({"batch_size": 1, "speed": {"seconds_per_step": 1}},
      {"batch_size": 4, "speed": {"seconds_per_step": 1}}, {"batch_size": 1, "speed": {"seconds_per_step": 1}},
      {"speed": {"seconds_per_step": 1}})"));
  const auto one = tiny::train(data_parallel(R"({"batch_size": 8, "speed": {"seconds_per_step": 1}})"));
  CHECK(four.log.final.server_updates == 20);
  CHECK(one.log.final.server_updates == 20);
  CHECK(share_apart(four.params, one.params) < 1e-5);                        // 20 steps of a few roundings of 6e-8
  CHECK(four.log.final.time == sim::kTimeZero + sim::from_seconds(20 * 2));  // four sequences, twice the run's batch
}

TEST_CASE("the inner learning rate follows the shard's examples, not its steps") {
  // It reaches zero after ten sequences: five steps of the run's batch, ten of a batch of one.
  const auto after = [](int64_t steps) {
    const std::string count = std::to_string(steps);
    return tiny::train(with(cluster_of(R"({"batch_size": 1, "speed": {"seconds_per_step": 1}})"),
                            {{"/data/shards/count", "1"},
                             {"/local/learning_rate", R"({"peak": 3e-3, "final": 0, "total_steps": 5})"},
                             {"/outer", R"({"kind": "sgd", "rate": 1})"},
                             {"/stop/local_steps", count},
                             {"/evaluation/every/local_steps", count}}))
        .params;
  };
  const auto ten = after(10);
  CHECK(after(20) == ten);
  CHECK(after(5) != ten);
}

TEST_CASE("a step takes time in proportion to the worker's batch, whatever says its speed") {
  for (const char* speed :
       {R"("speed": {"seconds_per_step": 0.5})", R"("speed": {"kind": "hardware", "flops_per_second": 1e9})",
        R"("profile": {"kind": "none"})"}) {
    const auto entry = [&](const char* batch) { return std::string("{") + batch + speed + "}"; };
    const auto speeds =
        speeds_known(cluster_of(entry("") + "," + entry(R"("batch_size": 1, )") + "," + entry(R"("batch_size": 6, )")));
    CHECK(speeds.at(1) == Approx(2 * speeds.at(0)));
    CHECK(speeds.at(2) == Approx(speeds.at(0) / 3));
  }
}

TEST_CASE("memory is needed for the largest batch of a worker") {
  const auto training = [](const Json& json) { return memory_needed(tiny::parse(json), 1).training; };
  const Json base = tiny::document();
  const double all = training(with(base, {{"/local/batch_size", "64"}}));
  CHECK(training(with(base, {{"/workers/2/batch_size", "64"}})) == all);
  CHECK(training(base) < all);
}

TEST_CASE("a batch that is none, or that makes a step too long, is refused") {
  const auto refusal = [](const char* batch) {
    return error_message<InvalidConfig>([&] {
      tiny::parse(with(tiny::document(), {{"/workers/1/batch_size", batch}}));
    });
  };
  CHECK_THAT(refusal("0"), Contains("/workers/1/batch_size is the number 0; allowed: a whole number from 1 to 65536"));
  CHECK_THAT(refusal("1.5"), Contains("/workers/1/batch_size"));
  const auto mistakes =
      worker_mistakes(tiny::run_of(cluster_of(R"({"batch_size": 65536, "speed": {"seconds_per_step": 1000}})")));
  REQUIRE(mistakes.size() == 1);
  CHECK(mistakes[0].pointer == "/workers/0/batch_size");
  CHECK_THAT(mistakes[0].message, Contains("32768000 s; allowed: from 1e-09 to 1000000 s"));
}
