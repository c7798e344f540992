#include <algorithm>
#include <limits>
#include <stdexcept>

#include "sim/random.h"
#include "sim/rounds/sync_plan.h"
#include "sim/workers/steady.h"
#include "tests/support/catch.h"

using namespace sim;
using namespace std::chrono_literals;

namespace {

const std::vector<double> kAuthors = {0.58, 0.75, 1.51, 3.33};  // seconds per step

std::vector<double> inverse(std::vector<double> xs) {
  for (double& x : xs) x = 1.0 / x;
  return xs;
}

std::vector<int64_t> all_steps(const SyncPlan& plan, int workers) {
  std::vector<int64_t> steps;
  for (NodeId w = 0; w < workers; ++w) steps.push_back(plan.next(w).progress);
  return steps;
}

/// Every worker completes a round of what the plan gives it.
void complete_round(SyncPlan& plan, const std::vector<double>& seconds_per_step) {
  for (NodeId w = 0; w < static_cast<NodeId>(seconds_per_step.size()); ++w) {
    const int64_t steps = plan.next(w).progress;
    const SteadySpeed speed(seconds_per_step[static_cast<size_t>(w)]);
    plan.observe(w, steps, finish_time(speed, kTimeZero, static_cast<double>(steps)) - kTimeZero);
  }
}

}  // namespace

TEST_CASE("equal steps are the same for everyone, whatever was observed") {
  const auto plan = make(EqualStepsConfig{20}, {});
  plan->observe(1, 20, 1h);
  CHECK(all_steps(*plan, 4) == std::vector<int64_t>{20, 20, 20, 20});
}

// ⌊20 · 0.58 / s⌋: 20, 15.47, 7.68, 3.48.
TEST_CASE("dynamic steps of the authors' four workers are 20, 15, 7 and 3") {
  CHECK(all_steps(*make_dynamic_steps(20, inverse(kAuthors)), 4) == std::vector<int64_t>{20, 15, 7, 3});
}

TEST_CASE("a whole quotient of speeds is not floored away by rounding") {
  CHECK(make_dynamic_steps(20, inverse({0.75, 1.5}))->next(1).progress == 10);
  for (int64_t divisor = 1; divisor <= 50; ++divisor)
    for (int64_t n = 1; n <= 20; ++n)
      for (const double base : {0.58, 0.1, 1.0 / 3.0, 7e-5}) {
        const auto plan = make_dynamic_steps(n * divisor, inverse({base, base * static_cast<double>(divisor)}));
        REQUIRE(plan->next(0).progress == n * divisor);
        REQUIRE(plan->next(1).progress == n);
      }
}

TEST_CASE("a quotient clearly below a whole number is floored") {
  CHECK(make_dynamic_steps(20, {1.0, 0.5 - 1e-9})->next(1).progress == 9);  // 10 − 2e-8
  CHECK(make_dynamic_steps(20, {1.0, 0.99})->next(1).progress == 19);
}

TEST_CASE("even the slowest worker does one step") {
  CHECK(make_dynamic_steps(20, {1.0, 1e-9})->next(1).progress == 1);
  const auto measured = make_measured_dynamic_steps(20, 2, 1.0);
  measured->observe(0, 20, 0s);  // takes no time at all
  measured->observe(1, 20, 1h);
  CHECK(all_steps(*measured, 2) == std::vector<int64_t>{20, 1});
}

TEST_CASE("workers of one speed all do H steps") {
  CHECK(all_steps(*make_dynamic_steps(7, inverse({0.58, 0.58, 0.58})), 3) == std::vector<int64_t>{7, 7, 7});
}

TEST_CASE("measured dynamic steps of steady workers equal the known ones after one round, and stay") {
  const double smoothing = GENERATE(1.0, 0.3, 1e-3);
  const auto known = make_dynamic_steps(20, inverse(kAuthors));
  const auto measured = make_measured_dynamic_steps(20, 4, smoothing);
  for (int round = 0; round < 50; ++round) {
    complete_round(*measured, kAuthors);
    REQUIRE(all_steps(*measured, 4) == all_steps(*known, 4));
  }
}

TEST_CASE("the nanosecond grid of observed times does not make a whole quotient flicker") {
  const std::vector<double> thirds = {0.01 / 3.0, 0.02 / 3.0, 0.04 / 3.0,
                                      0.07 / 3.0};  // of 10 ms: rounding moves quotients by up to 3e-7
  const auto measured = make_measured_dynamic_steps(28, 4, 0.5);
  for (int round = 0; round < 50; ++round) {
    complete_round(*measured, thirds);
    REQUIRE(all_steps(*measured, 4) == std::vector<int64_t>{28, 14, 7, 4});
  }
}

TEST_CASE("a worker not seen yet does H steps, those seen are compared among themselves") {
  const auto plan = make_measured_dynamic_steps(20, 3, 1.0);
  CHECK(all_steps(*plan, 3) == std::vector<int64_t>{20, 20, 20});
  plan->observe(2, 20, 40s);
  CHECK(all_steps(*plan, 3) == std::vector<int64_t>{20, 20, 20});
  plan->observe(1, 20, 20s);
  CHECK(all_steps(*plan, 3) == std::vector<int64_t>{20, 20, 10});
  plan->observe(0, 20, 10s);
  CHECK(all_steps(*plan, 3) == std::vector<int64_t>{20, 10, 5});
}

// x_n = x_0 + (1 − (1 − a)^n)(x − x_0): from 1 s to 2 s at a = 1/2 in rounds 1.5, 1.75, 1.875 s per step.
TEST_CASE("measured speeds follow a change by an exponential moving average") {
  const auto plan = make_measured_dynamic_steps(840, 2, 0.5);
  plan->observe(0, 1, 1s);
  plan->observe(1, 1, 1s);
  for (const int64_t expected : {560, 480, 448}) {  // 840 / 1.5, / 1.75, / 1.875
    plan->observe(1, 10, 20s);
    CHECK(all_steps(*plan, 2) == std::vector<int64_t>{840, expected});
  }
}

// The plan remembers who is fastest; this asks again from scratch after every observation.
TEST_CASE("the fastest worker is found again when speeds change places") {
  const int workers = 5;
  const auto plan = make_measured_dynamic_steps(1000, workers, 1.0);
  const RandomStream draw(3, "speeds changing places");
  std::vector<int64_t> seconds(workers, 0);
  for (uint64_t i = 0; i < 2000; ++i) {
    const size_t w = i < workers ? i : draw.below(workers, 2 * i);
    seconds[w] = static_cast<int64_t>(1 + draw.below(20, 2 * i + 1));
    plan->observe(static_cast<NodeId>(w), 1, std::chrono::seconds(seconds[w]));
    if (i < workers) continue;
    const int64_t fastest = *std::min_element(seconds.begin(), seconds.end());
    for (size_t v = 0; v < workers; ++v)
      REQUIRE(plan->next(static_cast<NodeId>(v)).progress == 1000 * fastest / seconds[v]);
  }
}

TEST_CASE("work plans refuse what cannot be") {
  CHECK_THROWS_AS(make(EqualStepsConfig{0}, {}), std::invalid_argument);
  CHECK_THROWS_AS(make_dynamic_steps(0, {1.0}), std::invalid_argument);
  CHECK_THROWS_AS(make_dynamic_steps(20, {}), std::invalid_argument);
  for (const double speed :
       {0.0, -1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
    CHECK_THROWS_AS(make_dynamic_steps(20, {1.0, speed}), std::invalid_argument);
  CHECK_THROWS_AS(make_measured_dynamic_steps(20, 0, 0.5), std::invalid_argument);
  CHECK_THROWS_AS(make_measured_dynamic_steps(20, 2, 0.0), std::invalid_argument);
  CHECK_THROWS_AS(make_measured_dynamic_steps(20, 2, 1.5), std::invalid_argument);
}
