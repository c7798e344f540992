#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "models/objective.h"
#include "models/params.h"

namespace models {

/// Source: Loshchilov & Hutter 2019, "Decoupled weight decay regularization", Alg. 2.
struct AdamWConfig {
  static constexpr std::string_view kind = "adamw";
  double beta1 = 0.9;
  double beta2 = 0.99;
  double epsilon = 1e-8;      ///< outside the root
  double weight_decay = 0.1;  ///< of matrices only
  double clip_norm = 1.0;     ///< global gradient norm; 0 = no clipping
};
template <class V>
void fields(V& v, AdamWConfig& c) {
  v.field("beta1", c.beta1, V::between(0, 0.999999), "", "Decay of the first moment");
  v.field("beta2", c.beta2, V::between(0, 0.9999999), "", "Decay of the second moment");
  v.field("epsilon", c.epsilon, V::above(0), "", "Added to the root of the second moment");
  v.field("weight_decay", c.weight_decay, V::at_least(0), "", "Decoupled weight decay, on matrices only");
  v.field("clip_norm", c.clip_norm, V::at_least(0), "", "Largest global gradient norm; 0: no clipping");
}
struct SgdConfig {
  static constexpr std::string_view kind = "sgd";
  double momentum = 0.0;
  double weight_decay = 0.0;
  double clip_norm = 0.0;
};
template <class V>
void fields(V& v, SgdConfig& c) {
  v.field("momentum", c.momentum, V::between(0, 0.999999), "", "Momentum");
  v.field("weight_decay", c.weight_decay, V::at_least(0), "", "Weight decay, on matrices only");
  v.field("clip_norm", c.clip_norm, V::at_least(0), "", "Largest global gradient norm; 0: no clipping");
}

/// State of an optimizer. A worker's stays with it: never communicated, and unless asked for not reset between rounds.
struct OptimizerState {
  int64_t steps = 0;
  Params first;   ///< AdamW: m; SGD: momentum; empty until the first step
  Params second;  ///< AdamW: v
};

/// Every inner optimizer there is.
using InnerConfig = std::variant<AdamWConfig, SgdConfig>;

/// One step in place on a gradient that may come in pieces:
/// AdamW: m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← θ − η·(m̂/(√v̂ + ε) + λθ), m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ);
/// SGD: m ← μm + g, θ ← θ − η·(m + λθ).
class InnerStep {
 public:
  /// Begins step state.steps + 1. `scale` multiplies the gradient. All arguments but the numbers must outlive this.
  InnerStep(const InnerConfig&, const ParamLayout&, double learning_rate, std::span<float> params, OptimizerState&,
            double scale = 1);
  /// `gradient`: elements [first, first + gradient.size()) of the flat vector, each handed over once.
  void operator()(size_t first, std::span<const float> gradient);

 private:
  struct AdamW {
    float beta1, rest1, beta2, rest2, step, root_scale, epsilon;
  };
  struct Sgd {
    float momentum, scale, step;
  };
  const ParamLayout& layout_;
  double learning_rate_, weight_decay_ = 0;
  std::span<float> params_;
  OptimizerState& state_;
  std::variant<AdamW, Sgd> factors_;
};

/// One step on a whole gradient, clipped as configured. Returns the gradient's global norm before clipping; 0 where
/// nothing is clipped, since nobody needs it then.
double inner_step(const InnerConfig&, const ParamLayout&, double learning_rate, std::span<float> params,
                  std::span<const float> gradient, OptimizerState&);

/// One step of training on a batch: the gradient, and the optimizer's step, where nothing is clipped piece by piece.
/// `gradient` (as long as params) is scratch. Returns the mean loss before the step.
double training_step(const Objective&, const InnerConfig&, double learning_rate, std::span<float> params, const Batch&,
                     Workspace&, std::span<float> gradient, OptimizerState&);

}  // namespace models
