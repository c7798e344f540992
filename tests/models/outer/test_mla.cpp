#include "models/outer/mla.h"
#include "models/outer/sgd.h"
#include "tests/support/outer_vectors.h"

using namespace models;

TEST_CASE("MLA follows the values of an independent implementation") {
  const auto rule = make(MlaConfig{.rate = 0.7, .momentum = 0.9});
  tests::check_close(tests::after_four(*rule), {0.9759683, -2.3842216, -0.0197731});
  tests::check_close(rule->momentum(), {0.00749, 0.04952, 0.04907});
  CHECK(rule->dispatched(tests::kStart).empty());  // θ itself
}

TEST_CASE("MLA's form in the paper, seen from the point before the look-ahead, dispatches the same") {
  const double rate = 0.7, decay = 0.9;
  const auto rule = make(MlaConfig{.rate = rate, .momentum = decay});
  Params theta = tests::kStart;
  std::vector<double> before(theta.begin(), theta.end()), m(3, 0.0);
  for (const Params& g : tests::kGradients) {
    rule->apply(theta, g);
    for (size_t i = 0; i < 3; ++i) {
      before[i] += -rate * decay * m[i] - rate * g[i];
      m[i] = decay * m[i] + (1 - decay) * g[i];
    }
    tests::check_close(
        theta, {before[0] - rate * decay * m[0], before[1] - rate * decay * m[1], before[2] - rate * decay * m[2]});
  }
}

TEST_CASE("without momentum MLA is outer SGD, to the bit") {
  tests::check_alike(*make(MlaConfig{.rate = 0.3, .momentum = 0}), *make(OuterSgdConfig{.rate = 0.3}), 5000, true);
}

TEST_CASE("a constant gradient moves MLA by ε(1 + γ) of it an update in the end") {
  const auto rule = make(MlaConfig{.rate = 0.7, .momentum = 0.9});
  Params theta(1, 0.0f);
  for (int i = 0; i < 200; ++i) rule->apply(theta, Params{0.5f});
  const float before = theta[0];
  rule->apply(theta, Params{0.5f});
  CHECK(before - theta[0] == Approx(0.5 * 0.7 * 1.9).epsilon(1e-4));  // θ is near 130: 2⁻¹⁷ of its rounding
}
