#include "models/outer/nesterov.h"
#include "models/outer/nesterov_restart.h"
#include "tests/support/outer_vectors.h"

using namespace models;

TEST_CASE("Nesterov with restarts follows the values of an independent implementation") {
  const auto rule = make(NesterovRestartConfig{.rate = 0.9, .momentum = 0.7, .period = 3});
  tests::check_close(tests::after_four(*rule), {0.994249, -2.197748, 0.130667});
  tests::check_close(rule->momentum(), {0.06, 0.06, 0.06});
}

TEST_CASE("Nesterov's steps with restarts, of a gradient of 1, begin anew after every third") {
  const auto rule = make(NesterovRestartConfig{});
  Params theta(1, 0.0f);
  std::vector<double> steps;
  for (int i = 0; i < 6; ++i) {
    const float before = theta[0];
    rule->apply(theta, Params{1.0f});
    steps.push_back((before - theta[0]) / 0.9);
  }
  for (size_t i = 0; i < 6; ++i) CHECK(steps[i] == Approx(std::array{0.51, 0.657, 0.7599}[i % 3]).epsilon(1e-5));
  CHECK(theta[0] == Approx(-3.46842).epsilon(1e-5));
}

TEST_CASE("without restarts it is Nesterov with ε = ν(1 − β)") {
  for (const int64_t period : {0, 21}) {
    const auto rule = make(NesterovRestartConfig{.rate = 0.9, .momentum = 0.7, .period = period});
    tests::check_alike(*rule, *make(NesterovConfig{.rate = 0.9 * 0.3, .momentum = 0.7}), 3000, false);
  }
}

TEST_CASE("a restart after every update leaves SGD with rate ν(1 − β²)") {
  const auto rule = make(NesterovRestartConfig{.rate = 0.9, .momentum = 0.7, .period = 1});
  tests::check_alike(*rule, *make(NesterovConfig{.rate = 0.9 * 0.51, .momentum = 0}), 3000, false);
}
