#pragma once
#include "models/nn/tensors.h"

namespace models {

/// Causal scaled dot-product attention over heads that lie side by side: row t of `qkv` is q | k | v, each
/// heads·head_size wide.
struct AttentionShape {
  int64_t sequences;  ///< B
  int64_t length;     ///< T
  int64_t heads;      ///< h
  int64_t head_size;  ///< d

  int64_t width() const { return heads * head_size; }
  /// Rows of scores computed together; each block stops at its last row's own column, so about half of [T, T] is
  /// computed.
  int64_t block_rows() const;
  /// Scalars that attention_forward writes for one head, and for one block.
  int64_t kept_per_head() const;
  int64_t block_size() const;
};

/// y [N, h·d] = softmax(q kᵀ / √d, past and present) v, qkv [N, 3·h·d]. With `keep`, `probabilities` receives the
/// softmax of every head (B · h · kept_per_head() scalars); without, it is scratch of block_size().
template <class S>
void attention_forward(const AttentionShape& shape, const ConstRows<S>& qkv, Rows<S> y, S* probabilities, bool keep);

/// dqkv, overwritten, from dy, with the y and the probabilities of the forward pass. scratch: block_size().
template <class S>
void attention_backward(const AttentionShape& shape, const ConstRows<S>& qkv, const ConstRows<S>& y,
                        const S* probabilities, const ConstRows<S>& dy, Rows<S> dqkv, S* scratch);

/// Rotates the pairs (j, j + d/2) of every head of q and k by position · base^(-2j/d), base 10000; `backward` by the
/// opposite angle. table [T, d]: cos (d/2) | sin (d/2).
template <class S>
void rope(const AttentionShape& shape, const ConstRows<S>& table, Rows<S> qkv, bool backward);

}  // namespace models
