#pragma once
#include <vector>

#include "models/nn/arena.h"
#include "models/nn/attention.h"
#include "models/nn/transformer_config.h"
#include "models/objective.h"

namespace models {

/// What one layer's forward pass leaves for its backward pass. N = B·T rows.
template <class S>
struct SavedLayer {
  S* x;               ///< [N, C] entering the layer
  S *mean1, *scale1;  ///< [N] of the attention norm
  S* normed1;         ///< [N, C]
  S* qkv;             ///< [N, 3·h·d], after bias and rope
  S* probabilities;   ///< as attention_forward keeps them
  S* y;               ///< [N, h·d]
  S* x_mid;           ///< [N, C] after attention
  S *mean2, *scale2;  ///< [N] of the MLP's norm
  S* normed2;         ///< [N, C]
  S* hidden;          ///< [N, F or 2F]: the activation's derivatives, in the backward pass its gradient
  S* active;          ///< [N, F]
};

/// All scratch of a decoder's pass in one arena. A forward-only pass reuses one layer's arrays for all.
template <class S>
struct DecoderBuffers : Workspace {
  std::vector<SavedLayer<S>> layers;
  SavedLayer<S> last;                              ///< only x, mean1, scale1, normed1: around the final norm
  S* delta;                                        ///< [N, C] what a sublayer adds to x
  S* head;                                         ///< scratch of head_and_loss
  S *dx, *dnormed, *dactive, *dqkv, *dy, *scores;  ///< backward only

  /// Places everything for a batch of this shape; allocates only when it is larger than any before.
  void carve(const TransformerConfig& config, const AttentionShape& shape, bool backward);

 private:
  void place(const TransformerConfig& config, const AttentionShape& shape, bool backward);
  Arena arena_;
};

}  // namespace models
