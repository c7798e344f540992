#pragma once
#include <memory>
#include <optional>

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
  std::optional<Tensor<S>> active;   ///< [B, F] hidden units after the ReLU
  std::optional<Tensor<S>> dhidden;  ///< [B, F] their gradient; backward only
  std::optional<Tensor<S>> logits;   ///< [B, K], in the backward pass their gradient
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
  /// The same gradient in pieces: `take(first, piece, size)` for elements [first, first + size) of the flat vector,
  /// from when on the parameters of that piece are not read. `scratch` [layout().size()] is overwritten in part.
  template <class Take>
  double loss_in_pieces(const S* params, int64_t rows, const S* x, const int32_t* targets, MlpBuffers<S>& buffers,
                        S* scratch, const Take& take) const;

 private:
  void place(int64_t rows, bool backward, MlpBuffers<S>& buffers) const;
  /// Leaves the hidden units and the logits, or with `backward` the gradient of the logits, in the buffers.
  double forward(const S* params, int64_t rows, const S* x, const int32_t* targets, MlpBuffers<S>& buffers,
                 bool backward) const;
  /// The gradients of all but W₁; leaves that of the hidden units in the buffers.
  void backward_head(const S* params, MlpBuffers<S>& buffers, S* gradient) const;
  /// The gradient in pieces, those of W₁ `step` elements per hidden unit behind the first one's place in `gradient`.
  template <class Take>
  double pieces(const S* params, int64_t rows, const S* x, const int32_t* targets, MlpBuffers<S>& buffers, S* gradient,
                size_t step, const Take& take) const;

  MlpConfig config_;
  ParamLayout layout_;
  StackedLinear first_, second_;
};

/// The classifier as an Objective on batches of features. Initial weights and biases are uniform in ±1/√(inputs of the
/// layer), the default of PyTorch's nn.Linear (He et al. 2015 with a = √5). Draws: entity = index of the tensor,
/// counter = element.
std::unique_ptr<Objective> make_mlp(const MlpConfig& config);

}  // namespace models
