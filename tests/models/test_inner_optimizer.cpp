#include "models/train/inner_optimizer.h"

#include <cmath>

#include "tests/models/nn/draws.h"
#include "tests/support/catch.h"

using namespace models;

namespace {

/// A matrix that decays and a bias that does not, with a gap between.
ParamLayout matrix_and_bias() {
  ParamLayout layout;
  layout.add("w", {3, 7}, TensorRole::hidden);
  layout.add("b", {5}, TensorRole::bias);
  return layout;
}

Params filled(const ParamLayout& layout, uint64_t entity, double deviation) {
  Params values(layout.size(), 0.0f);
  for (const TensorSpec& tensor : layout.tensors())
    for (size_t i = 0; i < tensor.size; ++i)
      values[tensor.offset + i] =
          static_cast<float>(deviation * models::testing::Draws().normal(entity, tensor.offset + i));
  return values;
}

double norm_of(const Params& values) {
  double sum = 0;
  for (float v : values) sum += double(v) * double(v);
  return std::sqrt(sum);
}

}  // namespace

TEST_CASE("AdamW follows Loshchilov and Hutter's Algorithm 2 written down in double, clipping included") {
  const ParamLayout layout = matrix_and_bias();
  const AdamWConfig config;
  Params params = filled(layout, 1, 1);
  OptimizerState state;
  std::vector<double> theta(params.begin(), params.end()), m(layout.size()), v(layout.size());
  for (int t = 1; t <= 20; ++t) {
    const Params g = filled(layout, static_cast<uint64_t>(10 + t), t % 2 ? 1.0 : 0.01);  // every other one is clipped
    const double rate = 0.01 * t, norm = norm_of(g), clip = norm > 1 ? 1 / norm : 1;
    for (const TensorSpec& tensor : layout.tensors())
      for (size_t i = tensor.offset; i < tensor.offset + tensor.size; ++i) {
        m[i] = 0.9 * m[i] + 0.1 * clip * g[i];
        v[i] = 0.99 * v[i] + 0.01 * std::pow(clip * g[i], 2);
        const double m_hat = m[i] / (1 - std::pow(0.9, t)), v_hat = v[i] / (1 - std::pow(0.99, t));
        theta[i] -= rate * (m_hat / (std::sqrt(v_hat) + 1e-8) + (tensor.is_matrix() ? 0.1 : 0.0) * theta[i]);
      }
    Params gradient = g;
    CHECK(inner_step(config, layout, rate, params, gradient, state) == Approx(norm).epsilon(1e-12));
  }
  CHECK(state.steps == 20);
  for (size_t i = 0; i < params.size(); ++i) CHECK(params[i] == Approx(theta[i]).epsilon(1e-5).margin(1e-6));
}

TEST_CASE("AdamW's first step moves every element by the rate, whatever the gradient's size") {
  const ParamLayout layout = matrix_and_bias();
  AdamWConfig config;
  config.weight_decay = 0;
  Params params(layout.size(), 0.0f), gradient = filled(layout, 1, 3);
  OptimizerState state;
  inner_step(config, layout, 0.01, params, gradient, state);
  for (const TensorSpec& tensor : layout.tensors())
    for (size_t i = tensor.offset; i < tensor.offset + tensor.size; ++i)
      CHECK(std::abs(params[i]) == Approx(0.01).epsilon(1e-5));
}

TEST_CASE("weight decay without a gradient shrinks matrices by its rate and leaves the rest") {
  const ParamLayout layout = matrix_and_bias();
  const Params before = filled(layout, 1, 1);
  Params adamw = before, sgd = before, zero(layout.size(), 0.0f);
  OptimizerState a, s;
  inner_step(AdamWConfig{}, layout, 0.5, adamw, zero, a);
  SgdConfig config;
  config.weight_decay = 0.1;
  inner_step(config, layout, 0.5, sgd, zero, s);
  for (const TensorSpec& tensor : layout.tensors())
    for (size_t i = tensor.offset; i < tensor.offset + tensor.size; ++i) {
      const double expected = before[i] * (tensor.is_matrix() ? 0.95 : 1.0);
      CHECK(adamw[i] == Approx(expected).epsilon(1e-6));
      CHECK(sgd[i] == Approx(expected).epsilon(1e-6));
    }
}

TEST_CASE("SGD with momentum under a constant gradient moves by the geometric sum") {
  const ParamLayout layout = matrix_and_bias();
  SgdConfig config;
  config.momentum = 0.5;
  Params params(layout.size(), 0.0f);
  const Params g = filled(layout, 1, 1);
  OptimizerState state;
  for (int t = 0; t < 3; ++t) {
    Params gradient = g;
    inner_step(config, layout, 0.1, params, gradient, state);
  }
  for (size_t i = 0; i < params.size(); ++i)  // 1 + (1 + ½) + (1 + ½ + ¼) = 4.25
    CHECK(params[i] == Approx(-0.1 * 4.25 * g[i]).epsilon(1e-5).margin(1e-7));
}

TEST_CASE("clipping scales a long gradient to the limit, leaves a short one, and reports the norm before") {
  const ParamLayout layout = matrix_and_bias();
  SgdConfig config;
  config.clip_norm = 2;
  for (const double size : {0.01, 10.0}) {
    Params params(layout.size(), 0.0f), gradient = filled(layout, 1, size);
    const double norm = norm_of(gradient);
    OptimizerState state;
    CHECK(inner_step(config, layout, 1, params, gradient, state) == Approx(norm));
    CHECK(norm_of(params) == Approx(std::min(norm, 2.0)).epsilon(1e-6));
  }
}

TEST_CASE("gaps stay zero even with an epsilon of zero") {
  const ParamLayout layout = matrix_and_bias();
  AdamWConfig config;
  config.epsilon = 0;
  Params params = filled(layout, 1, 1), gradient = filled(layout, 2, 1);
  OptimizerState state;
  inner_step(config, layout, 0.1, params, gradient, state);
  for (size_t i = 21; i < 32; ++i) CHECK(params[i] == 0);
}
