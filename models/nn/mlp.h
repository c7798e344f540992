#pragma once
#include <memory>

#include "models/nn/arena.h"
#include "models/nn/linear.h"
#include "models/objective.h"

namespace models {

/// A classifier with one hidden layer: D inputs, F hidden units, K classes.
struct MlpConfig {
  int64_t inputs = 512;  ///< D
  int64_t hidden = 128;  ///< F
  int64_t classes = 4;   ///< K
};

/// Scratch of one pass over B rows.
template <class S>
struct MlpBuffers : Workspace {
  S* active;   ///< [B, F] hidden units after the ReLU
  S* dhidden;  ///< [B, F] their gradient; backward only
  S* logits;   ///< [B, K], in the backward pass their gradient
  Arena arena;
};

/// logits = W₂·relu(W₁x + b₁) + b₂ and the mean cross-entropy of their softmax. Immutable.
template <class S>
class Mlp {
 public:
  /// Throws std::invalid_argument unless all three sizes are at least 1.
  explicit Mlp(const MlpConfig& config);
  const MlpConfig& config() const { return config_; }
  const ParamLayout& layout() const { return layout_; }
  /// Mean loss in nats over `rows` points x [rows, D] with classes `targets` [rows]; overwrites `gradient`, gaps
  /// included, if given.
  double loss(const S* params, int64_t rows, const S* x, const int32_t* targets, MlpBuffers<S>& buffers,
              S* gradient = nullptr) const;

 private:
  MlpConfig config_;
  ParamLayout layout_;
  WeightAndBias first_, second_;
};

/// The classifier as an Objective on batches of features. Initial weights and biases are uniform in ±1/√(inputs of the
/// layer), the default of PyTorch's nn.Linear (He et al. 2015 with a = √5). Draws: entity = index of the tensor,
/// counter = element.
std::unique_ptr<Objective> make_mlp(const MlpConfig& config);

}  // namespace models
