#include "models/train/inner_optimizer.h"

#include <array>
#include <cmath>

namespace models {
namespace {

/// √Σg², eight double sums side by side added up in a fixed order.
double global_norm(std::span<const float> gradient) {
  std::array<double, 8> sums{};
  const size_t whole = gradient.size() / 8 * 8;
  for (size_t i = 0; i < whole; i += 8)
    for (size_t lane = 0; lane < 8; ++lane) {
      const double g = static_cast<double>(gradient[i + lane]);
      sums[lane] += g * g;
    }
  for (size_t i = whole; i < gradient.size(); ++i)
    sums[i - whole] += static_cast<double>(gradient[i]) * static_cast<double>(gradient[i]);
  return std::sqrt(((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7])));
}

/// What the gradient is multiplied by so that its norm is at most `limit` (0: no limit).
double clip_factor(double norm, double limit) { return limit > 0 && norm > limit ? limit / norm : 1.0; }

}  // namespace

double adamw_step(const AdamWConfig& config, const ParamLayout& layout, double learning_rate, std::span<float> params,
                  std::span<float> gradient, OptimizerState& state) {
  if (state.first.empty()) state.first.assign(params.size(), 0.0f);
  if (state.second.empty()) state.second.assign(params.size(), 0.0f);
  const double norm = global_norm(gradient);
  const double steps = static_cast<double>(++state.steps);
  // θ ← θ − η·(m̂/(√v̂ + ε) + λθ), m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ)
  const float clip = static_cast<float>(clip_factor(norm, config.clip_norm));
  const float beta1 = static_cast<float>(config.beta1), rest1 = static_cast<float>(1 - config.beta1) * clip;
  const float beta2 = static_cast<float>(config.beta2), rest2 = static_cast<float>(1 - config.beta2) * clip * clip;
  const float step = static_cast<float>(learning_rate / (1 - std::pow(config.beta1, steps)));
  const float root_scale = static_cast<float>(1 / std::sqrt(1 - std::pow(config.beta2, steps)));
  const float epsilon = static_cast<float>(config.epsilon);
  for (const TensorSpec& tensor : layout.tensors()) {
    const float keep = static_cast<float>(1 - (tensor.decays ? learning_rate * config.weight_decay : 0.0));
    float* __restrict theta = params.data() + tensor.offset;
    const float* __restrict g = gradient.data() + tensor.offset;
    float* __restrict m = state.first.data() + tensor.offset;
    float* __restrict v = state.second.data() + tensor.offset;
    for (size_t i = 0; i < tensor.size; ++i) {
      m[i] = beta1 * m[i] + rest1 * g[i];
      v[i] = beta2 * v[i] + rest2 * (g[i] * g[i]);
      theta[i] = keep * theta[i] - step * (m[i] / (root_scale * std::sqrt(v[i]) + epsilon));
    }
  }
  return norm;
}

double sgd_step(const SgdConfig& config, const ParamLayout& layout, double learning_rate, std::span<float> params,
                std::span<float> gradient, OptimizerState& state) {
  if (state.first.empty()) state.first.assign(params.size(), 0.0f);
  const double norm = global_norm(gradient);
  ++state.steps;
  // m ← μm + g, θ ← θ − η·(m + λθ)
  const float clip = static_cast<float>(clip_factor(norm, config.clip_norm));
  const float momentum = static_cast<float>(config.momentum), step = static_cast<float>(learning_rate);
  for (const TensorSpec& tensor : layout.tensors()) {
    const float keep = static_cast<float>(1 - (tensor.decays ? learning_rate * config.weight_decay : 0.0));
    float* __restrict theta = params.data() + tensor.offset;
    const float* __restrict g = gradient.data() + tensor.offset;
    float* __restrict m = state.first.data() + tensor.offset;
    for (size_t i = 0; i < tensor.size; ++i) {
      m[i] = momentum * m[i] + clip * g[i];
      theta[i] = keep * theta[i] - step * m[i];
    }
  }
  return norm;
}

double inner_step(const InnerConfig& config, const ParamLayout& layout, double learning_rate, std::span<float> params,
                  std::span<float> gradient, OptimizerState& state) {
  if (const auto* adamw = std::get_if<AdamWConfig>(&config))
    return adamw_step(*adamw, layout, learning_rate, params, gradient, state);
  return sgd_step(std::get<SgdConfig>(config), layout, learning_rate, params, gradient, state);
}

}  // namespace models
