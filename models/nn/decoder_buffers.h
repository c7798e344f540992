#pragma once
#include <optional>
#include <vector>

#include "models/nn/arena.h"
#include "models/nn/attention.h"
#include "models/nn/head.h"
#include "models/nn/transformer_config.h"
#include "models/objective.h"

namespace models {

/// What one layer's forward pass leaves for its backward pass. N = B·T rows.
template <class S>
struct SavedLayer {
  Tensor<S> x;              ///< [N, C] entering the layer
  PerRow<S> mean1, scale1;  ///< [N] of the attention norm
  Tensor<S> normed1;        ///< [N, C]
  Tensor<S> qkv;            ///< [N, 3·h·d], after bias and rope
  S* probabilities;         ///< as attention_forward keeps them
  Tensor<S> y;              ///< [N, h·d]
  Tensor<S> x_mid;          ///< [N, C] after attention
  PerRow<S> mean2, scale2;  ///< [N] of the MLP's norm
  Tensor<S> normed2;        ///< [N, C]
  Tensor<S> hidden;         ///< [N, F or 2F]: the activation's derivatives, in the backward pass its gradient
  Tensor<S> active;         ///< [N, F]
};

/// The same around the final norm.
template <class S>
struct SavedEnd {
  Tensor<S> x;
  PerRow<S> mean, scale;
  Tensor<S> normed;
};

/// What only a backward pass needs.
template <class S>
struct Gradients {
  Tensor<S> dx, dnormed, dactive, dqkv, dy;
  S* dscores;  ///< AttentionShape::block_size()
};

/// All scratch of a decoder's pass in one arena. A forward-only pass reuses one layer's arrays for all.
template <class S>
struct DecoderBuffers : Workspace {
  std::vector<SavedLayer<S>> layers;
  std::optional<SavedEnd<S>> end;
  std::optional<HeadBuffers<S>> head;
  std::optional<Gradients<S>> gradients;  ///< where there is a backward pass

  /// Places everything for a batch of this shape; allocates only when it is larger than any before.
  void carve(const TransformerConfig& config, const AttentionShape& shape, bool backward);
  /// Bytes that carve() takes for a backward pass too.
  static size_t bytes(const TransformerConfig& config, const AttentionShape& shape);

 private:
  void place(const TransformerConfig& config, const AttentionShape& shape, bool backward);
  Arena arena_;
};

}  // namespace models
