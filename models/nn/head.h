#pragma once
#include "models/nn/tensors.h"

namespace models {

/// Rows and vocabulary are worked through in tiles, so that no [N, V] buffer ever exists and each tile of logits meets
/// its softmax while it is in the cache.
struct HeadTiles {
  int64_t rows;     ///< rows of a chunk
  int64_t columns;  ///< vocabulary of a tile
  int64_t count;    ///< tiles that cover the vocabulary
  int64_t stride;   ///< between rows of a tile: off the powers of two, which would share few sets of a cache

  HeadTiles(int64_t rows, int64_t vocabulary);
  /// Scalars of scratch for the tiles that head_and_loss needs, with its backward pass or without.
  int64_t logits(bool backward) const { return rows * stride * (backward ? count : 1); }
};

/// Scratch of head_and_loss.
template <class S>
struct HeadBuffers {
  Tensor<S> tops, sums;  ///< [tiles, rows] of a chunk: the largest logit, and Σ e^(logit − largest)
  PerRow<S> of_target;   ///< [rows] the target's logit
  S* logits;             ///< HeadTiles::logits()
};

/// logits [N, V] = x · weightᵀ and their mean cross-entropy against targets, fused with its backward.
template <class S>
struct HeadTask {
  ConstRows<S> x;                 ///< [N, C]
  Weight<const S> weight;         ///< [V, C]
  const int32_t* targets;         ///< [N]
  S* losses = nullptr;            ///< [N], the loss of each target, where wanted
  const Tensor<S>* dx = nullptr;  ///< [N, C], overwritten; nullptr: forward only
  S* dweight = nullptr;           ///< [V, C], overwritten
};

/// Mean loss in nats.
template <class S>
double head_and_loss(const HeadTask<S>& task, HeadBuffers<S>& buffers);

}  // namespace models
