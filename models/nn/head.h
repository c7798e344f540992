#pragma once
#include <cstdint>

namespace models {

/// logits = x · weightᵀ and the mean cross-entropy against targets, fused with its backward in chunks of rows, so that no [N, V]
/// buffer ever exists.
template <class S>
struct HeadTask {
  int64_t rows;            ///< N
  int64_t width;           ///< C
  int64_t vocabulary;      ///< V
  const S* x;              ///< [N, C]
  const S* weight;         ///< [V, C]
  const int32_t* targets;  ///< [N]
  S* logits;               ///< scratch [chunk_rows(), V]
  S* dx = nullptr;         ///< [N, C], overwritten; nullptr: forward only
  S* dweight = nullptr;    ///< [V, C], overwritten
  S* losses = nullptr;     ///< [N], the loss of each target, where wanted

  static int64_t chunk_rows(int64_t rows, int64_t vocabulary);
};

/// Mean loss in nats.
template <class S>
double head_and_loss(const HeadTask<S>& task);

}  // namespace models
