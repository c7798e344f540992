#pragma once
#include <cstdint>

namespace models {

/// Rows and vocabulary are worked through in tiles, so that no [N, V] buffer ever exists and each tile of logits meets
/// its softmax while it is in the cache.
struct HeadTiles {
  int64_t rows;     ///< rows of a chunk
  int64_t columns;  ///< vocabulary of a tile
  int64_t count;    ///< tiles that cover the vocabulary
  int64_t stride;   ///< between rows of a tile: off the powers of two, which would share few sets of a cache

  HeadTiles(int64_t rows, int64_t vocabulary);
  /// Scalars of scratch for the sums of the rows: whole lines of a cache, so that the tiles behind begin with one.
  int64_t row_scalars() const;
  /// Scalars of scratch that head_and_loss needs, with its backward pass or without.
  int64_t scratch(bool backward) const;
};

/// logits = x · weightᵀ and the mean cross-entropy against targets, fused with its backward.
template <class S>
struct HeadTask {
  int64_t rows;            ///< N
  int64_t width;           ///< C
  int64_t vocabulary;      ///< V
  const S* x;              ///< [N, C]
  const S* weight;         ///< [V, C]
  const int32_t* targets;  ///< [N]
  S* scratch;              ///< HeadTiles(N, V).scratch(), on a boundary of 64 bytes
  S* dx = nullptr;         ///< [N, C], overwritten; nullptr: forward only
  S* dweight = nullptr;    ///< [V, C], overwritten
  S* losses = nullptr;     ///< [N], the loss of each target, where wanted
};

/// Mean loss in nats.
template <class S>
double head_and_loss(const HeadTask<S>& task);

}  // namespace models
