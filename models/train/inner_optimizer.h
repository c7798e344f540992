#pragma once
#include <cstdint>
#include <span>
#include <variant>

#include "models/params.h"

namespace models {

/// Source: Loshchilov & Hutter 2019, "Decoupled weight decay regularization", Alg. 2.
struct AdamWConfig {
  double beta1 = 0.9;
  double beta2 = 0.99;
  double epsilon = 1e-8;      ///< outside the root
  double weight_decay = 0.1;  ///< on tensors with decays = true only
  double clip_norm = 1.0;     ///< global gradient norm; 0 = no clipping
};
struct SgdConfig {
  double momentum = 0.0;
  double weight_decay = 0.0;
  double clip_norm = 0.0;
};

/// State of an optimizer. A worker's stays with it: never communicated, and unless asked for not reset between rounds.
struct OptimizerState {
  int64_t steps = 0;
  Params first;   ///< AdamW: m; SGD: momentum; empty until the first step
  Params second;  ///< AdamW: v
};

/// One AdamW step in place: clip, m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← θ − η·(m̂/(√v̂ + ε) + λθ).
/// `gradient` may be overwritten. Returns the gradient's global norm before clipping.
double adamw_step(const AdamWConfig&, const ParamLayout&, double learning_rate, std::span<float> params,
                  std::span<float> gradient, OptimizerState&);
/// One SGD step in place: m ← μm + g, θ ← θ − η·(m + λθ). Returns the gradient's global norm before clipping.
double sgd_step(const SgdConfig&, const ParamLayout&, double learning_rate, std::span<float> params,
                std::span<float> gradient, OptimizerState&);

using InnerConfig = std::variant<AdamWConfig, SgdConfig>;
/// One step with whichever optimizer is configured; returns the gradient's norm before clipping.
double inner_step(const InnerConfig&, const ParamLayout&, double learning_rate, std::span<float> params,
                  std::span<float> gradient, OptimizerState&);

}  // namespace models
