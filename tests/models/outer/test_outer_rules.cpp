#include <cmath>
#include <vector>

#include "models/outer/adam.h"
#include "models/outer/buffered.h"
#include "models/outer/delayed_nesterov.h"
#include "models/outer/nesterov.h"
#include "models/outer/server_optimizer.h"
#include "models/outer/sgd.h"
#include "tests/support/catch.h"

using namespace models;

namespace {

/// θ after applying `gradients` in order to a rule from θ = 0.
std::vector<double> trajectory(OuterRule& rule, const std::vector<float>& gradients) {
  Params params(3, 0.0f);
  std::vector<double> path;
  for (const float g : gradients) {
    // Three elements, the second scaled by −2, so that a rule mixing up elements shows.
    const Params gradient{g, -2.0f * g, 0.0f};
    rule.apply(params, gradient);
    CHECK(params[1] == Approx(-2.0 * params[0]).margin(1e-6));
    CHECK(params[2] == 0.0f);
    path.push_back(params[0]);
  }
  return path;
}

}  // namespace

TEST_CASE("outer SGD steps against the gradient by the rate") {
  auto rule = make(OuterSgdConfig{.rate = 0.5, .momentum = 0.0});
  const auto path = trajectory(*rule, {1.0f, -3.0f});
  CHECK(path[0] == Approx(-0.5));
  CHECK(path[1] == Approx(1.0));
  CHECK(rule->momentum().empty());
}

TEST_CASE("outer SGD with momentum follows the hand-computed heavy ball") {
  // m: 1, 0.5·1 + 2 = 2.5, 0.5·2.5 − 1 = 0.25; θ: −0.1, −0.35, −0.375.
  auto rule = make(OuterSgdConfig{.rate = 0.1, .momentum = 0.5});
  const auto path = trajectory(*rule, {1.0f, 2.0f, -1.0f});
  CHECK(path[0] == Approx(-0.1));
  CHECK(path[1] == Approx(-0.35));
  CHECK(path[2] == Approx(-0.375));
}

TEST_CASE("Nesterov follows hand-computed values with distinct gradients") {
  // β = 0.5, ε = 0.1. m1 = 1, θ1 = −0.1(0.5·1 + 1) = −0.15. m2 = 2.5, θ2 = −0.15 − 0.1(1.25 + 2) = −0.475.
  auto rule = make(NesterovConfig{.rate = 0.1, .momentum = 0.5});
  const auto path = trajectory(*rule, {1.0f, 2.0f});
  CHECK(path[0] == Approx(-0.15));
  CHECK(path[1] == Approx(-0.475));
  CHECK(rule->momentum()[0] == Approx(2.5));
}

TEST_CASE("four Nesterov updates with the same gradient equal the closed form of Eq. 5") {
  const double rate = 0.07, beta = 0.9;
  auto rule = make(NesterovConfig{.rate = rate, .momentum = beta});
  const auto path = trajectory(*rule, {1.0f, 1.0f, 1.0f, 1.0f});
  double sum = 0.0;
  for (int j = 1; j <= 4; ++j) sum += (1.0 - std::pow(beta, j + 1)) / (1.0 - beta);
  CHECK(path[3] == Approx(-rate * sum).epsilon(1e-6));
}

TEST_CASE("Delayed Nesterov follows hand-computed values with N different gradients") {
  // ε = 0.1, β = 0.5, N = 3, c = 0. Gradients 3, 6, −3, then 9, 0, 3.
  // θ: −0.1·3/3 = −0.1; −0.1·6/3 → −0.3; third: m = (3 + 6 − 3)/3 = 2, θ −= 0.1(0.5·2 − 1) = 0 → −0.3.
  // fourth −0.1·3 → −0.6; fifth −0.6; sixth: m = 0.5·2 + 12/3 = 5, θ −= 0.1(2.5 + 1) → −0.95.
  auto rule = make(DelayedNesterovConfig{.rate = 0.1, .momentum = 0.5, .period = 3, .spread = 0.0});
  const auto path = trajectory(*rule, {3.0f, 6.0f, -3.0f, 9.0f, 0.0f, 3.0f});
  const double expected[] = {-0.1, -0.3, -0.3, -0.6, -0.6, -0.95};
  for (int i = 0; i < 6; ++i) CHECK(path[i] == Approx(expected[i]).epsilon(1e-6));
}

TEST_CASE("Delayed Nesterov with c > 0 spends parts of the momentum in between, by hand") {
  // ε = 0.1, β = 0.5, N = 2, c = 0.25. Gradients 2, 4, 6, 8.
  // first: m = 0: θ = −0.1·1 = −0.1. second: m = 3, factor 1 − 0.5 + 0.25 = 0.75: θ −= 0.1(0.75·0.5·3 + 2) = 0.3125 →
  // −0.4125. third: θ −= 0.1(0.25·0.5·3 + 3) = 0.3375 → −0.75. fourth: m = 1.5 + 7 = 8.5: θ −= 0.1(0.375·8.5 + 4) =
  // 0.71875 → −1.46875.
  auto rule = make(DelayedNesterovConfig{.rate = 0.1, .momentum = 0.5, .period = 2, .spread = 0.25});
  const auto path = trajectory(*rule, {2.0f, 4.0f, 6.0f, 8.0f});
  const double expected[] = {-0.1, -0.4125, -0.75, -1.46875};
  for (int i = 0; i < 4; ++i) CHECK(path[i] == Approx(expected[i]).epsilon(1e-6));
}

TEST_CASE("N delayed updates spend (N − 1)c parts of the old momentum and 1 − (N − 1)c of the new") {
  // ε = 0.1, β = 0.5, N = 4, c = 0.1. The first four gradients have the mean 3, so that m = 3; the next four the mean
  // −1: m = 1.5 − 1 = 0.5. Those four move θ by −0.1(0.5(0.3·3 + 0.7·0.5) − 1) = 0.0375.
  auto rule = make(DelayedNesterovConfig{.rate = 0.1, .momentum = 0.5, .period = 4, .spread = 0.1});
  const auto path = trajectory(*rule, {1.0f, 2.0f, 4.0f, 5.0f, -8.0f, 3.0f, 2.0f, -1.0f});
  CHECK(path[3] == Approx(-0.1 * (0.5 * 0.7 * 3 + 3)).epsilon(1e-6));
  CHECK(path[7] - path[3] == Approx(0.0375).epsilon(1e-5));
}

TEST_CASE("a buffer follows hand-computed values with N different gradients") {
  // ε = 0.1, β = 0.5, N = 2. Means 3 and −1: m = 3, θ = −0.1(1.5 + 3); m = 1.5 − 1, θ −= 0.1(0.25 − 1).
  auto rule = make(BufferedConfig{.rate = 0.1, .momentum = 0.5, .period = 2});
  const auto path = trajectory(*rule, {2.0f, 4.0f, -5.0f, 3.0f});
  const double expected[] = {0.0, -0.45, -0.45, -0.375};
  for (int i = 0; i < 4; ++i) CHECK(path[i] == Approx(expected[i]).margin(1e-7));
}

TEST_CASE("outer SGD with rate 1 on the mean of the workers' pseudo-gradients is the mean of their models") {
  // From θ = 5 three workers arrive at 2, 7 and 3.
  auto rule = make(OuterSgdConfig{.rate = 1.0, .momentum = 0.0});
  Params params{5.0f};
  rule->apply(params, Params{((5.0f - 2.0f) + (5.0f - 7.0f) + (5.0f - 3.0f)) / 3.0f});
  CHECK(params[0] == 4.0f);
}

TEST_CASE("without momentum Nesterov is outer SGD") {
  auto nesterov = make(NesterovConfig{.rate = 0.3, .momentum = 0.0});
  auto sgd = make(OuterSgdConfig{.rate = 0.3, .momentum = 0.0});
  const std::vector<float> gradients{1.0f, -0.5f, 2.0f};
  CHECK(trajectory(*nesterov, gradients) == trajectory(*sgd, gradients));
}

TEST_CASE("Delayed Nesterov with N = 1 and c = 0 is plain Nesterov") {
  auto delayed = make(DelayedNesterovConfig{.rate = 0.3, .momentum = 0.9, .period = 1, .spread = 0.0});
  auto plain = make(NesterovConfig{.rate = 0.3, .momentum = 0.9});
  const std::vector<float> gradients{1.0f, -0.5f, 2.0f, 0.25f, -3.0f};
  const auto a = trajectory(*delayed, gradients), b = trajectory(*plain, gradients);
  for (size_t i = 0; i < a.size(); ++i) CHECK(a[i] == Approx(b[i]).epsilon(1e-6));
}

TEST_CASE("N delayed Nesterov updates with c = 0 are one Nesterov step on the mean, and so is a buffer of N") {
  auto delayed = make(DelayedNesterovConfig{.rate = 0.3, .momentum = 0.9, .period = 4, .spread = 0.0});
  auto buffered = make(BufferedConfig{.rate = 0.3, .momentum = 0.9, .period = 4});
  auto plain = make(NesterovConfig{.rate = 0.3, .momentum = 0.9});
  const std::vector<float> gradients{1.0f, -0.5f, 2.0f, 0.25f, -3.0f, 1.5f, 0.5f, 4.0f};
  const auto a = trajectory(*delayed, gradients), c = trajectory(*buffered, gradients);
  const auto b = trajectory(*plain, {(1.0f - 0.5f + 2.0f + 0.25f) / 4, (-3.0f + 1.5f + 0.5f + 4.0f) / 4});
  CHECK(a[3] == Approx(b[0]).epsilon(1e-6));
  CHECK(a[7] == Approx(b[1]).epsilon(1e-6));
  CHECK(c[3] == Approx(b[0]).epsilon(1e-6));
  CHECK(c[7] == Approx(b[1]).epsilon(1e-6));
  CHECK(c[2] == 0.0);  // in between the model stands still
  CHECK(buffered->gradients_per_update() == 4);
}

TEST_CASE("outer Adam's first update is the rate against the gradient's sign, whatever the decays") {
  // m̂ = g, v̂ = g²: θ = −ε·g/(|g| + τ). With τ = 1 and g = 3, and for the second element g = −6: −0.1·3/4, 0.1·6/7.
  for (const double beta1 : {0.0, 0.5, 0.9})
    for (const double beta2 : {0.0, 0.9, 0.999}) {
      auto rule = make(OuterAdamConfig{.rate = 0.1, .beta1 = beta1, .beta2 = beta2, .epsilon = 1.0});
      Params params(3, 0.0f);
      rule->apply(params, Params{3.0f, -6.0f, 0.0f});
      CHECK(params[0] == Approx(-0.1 * 3 / 4).epsilon(1e-5));  // 1 − 0.999 has 4 digits fewer than a float
      CHECK(params[1] == Approx(0.1 * 6 / 7).epsilon(1e-5));
      CHECK(params[2] == 0.0f);
    }
}

TEST_CASE("outer Adam follows hand-computed values with distinct gradients") {
  // ε = 0.1, β₁ = 0.5, β₂ = 0.75, τ = 0. Gradients 2, −1.
  // t = 1: m = 1, v = 1, m̂ = 2, v̂ = 4: θ = −0.1·2/2 = −0.1.
  // t = 2: m = 0.5 − 0.5 = 0, v = 0.75 + 0.25 = 1: θ stands still. Then 4: m = 2, v = 0.75 + 4 = 4.75,
  // m̂ = 2/(1 − 1/8) = 16/7, v̂ = 4.75/(1 − 27/64) = 304/37.
  auto rule = make(OuterAdamConfig{.rate = 0.1, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 1e-12});
  Params params(1, 0.0f);
  rule->apply(params, Params{2.0f});
  CHECK(params[0] == Approx(-0.1));
  rule->apply(params, Params{-1.0f});
  CHECK(params[0] == Approx(-0.1));
  rule->apply(params, Params{4.0f});
  CHECK(params[0] == Approx(-0.1 - 0.1 * (16.0 / 7) / std::sqrt(304.0 / 37)).epsilon(1e-5));
  CHECK(rule->momentum()[0] == Approx(2.0));
}

TEST_CASE("outer Adam moves no parameter by more than about the rate, however large the gradients") {
  auto rule = make(OuterAdamConfig{.rate = 0.1, .beta1 = 0.9, .beta2 = 0.99});
  Params params(2, 0.0f);
  for (int i = 1; i <= 3; ++i) {
    rule->apply(params, Params{1e6f, -2e6f});
    CHECK(params[0] == Approx(-0.1 * i).epsilon(1e-4));
    CHECK(params[1] == Approx(0.1 * i).epsilon(1e-4));
  }
}

TEST_CASE("an optimizer on the server takes the step that the same optimizer takes anywhere, to the last bit") {
  ParamLayout layout;
  layout.add("weight", {16}, TensorRole::hidden);
  layout.add("bias", {16}, TensorRole::bias);
  const Schedule schedule{.peak = 0.1, .final = 0.01, .warmup_steps = 1, .total_steps = 4};
  for (const InnerConfig& config :
       {InnerConfig(AdamWConfig{.weight_decay = 0.3}), InnerConfig(SgdConfig{.momentum = 0.5, .weight_decay = 0.3})}) {
    auto rule = make(ServerOptimizerConfig{config, schedule}, {.layout = &layout});
    Params params(32, 1.0f), expected = params;
    OptimizerState state;
    for (int t = 0; t < 6; ++t) {
      Params gradient(32);
      for (size_t i = 0; i < gradient.size(); ++i)
        gradient[i] = std::sin(static_cast<float>(i) + 10.0f * static_cast<float>(t));
      rule->apply(params, gradient);
      inner_step(config, layout, learning_rate(schedule, t), expected, gradient, state);
      CHECK(params == expected);
    }
    CHECK(params[0] != params[16]);
  }
}

TEST_CASE("SGD on the server without momentum or decay is outer SGD") {
  ParamLayout layout;
  layout.add("weight", {3}, TensorRole::hidden);
  auto server =
      make(ServerOptimizerConfig{SgdConfig{}, {.peak = 0.25, .final = 0.25, .total_steps = 1}}, {.layout = &layout});
  auto outer = make(OuterSgdConfig{.rate = 0.25, .momentum = 0.0});
  const std::vector<float> gradients{1.0f, -0.5f, 2.0f};
  const auto a = trajectory(*server, gradients), b = trajectory(*outer, gradients);
  for (size_t i = 0; i < a.size(); ++i) CHECK(a[i] == Approx(b[i]).epsilon(1e-6));
}
