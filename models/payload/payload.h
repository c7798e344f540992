#pragma once
#include <optional>

#include "models/params.h"
#include "models/payload/codes.h"

namespace models {

/// Only the largest of each chunk are sent, with their places: of equal ones the first. A tensor's chunks are its
/// values in their order; the last one may be shorter and keeps as many, or all. Source: SparseLoCo (Sarfi et al. 2025,
/// arXiv:2508.15706), whose chunks are tiles of 64 × 64 of a matrix; values in a row are ours.
struct TopK {
  int64_t chunk = 4096;
  int64_t kept = 64;
};
template <class V>
void fields(V& v, TopK& c) {
  v.field("chunk", c.chunk, V::between(2, 1 << 24), "values", "Values of a tensor among which the largest are chosen");
  v.field("kept", c.kept, V::between(1, 1 << 24), "values", "How many of a chunk are sent; at most chunk");
}

struct PayloadConfig {
  PayloadCode kind = {};
  std::optional<TopK> top_k = {};
  /// What compression lost of one message is added to the next one: nothing is lost for good, only late.
  /// Source: Seide et al. 2014, "1-bit stochastic gradient descent"; Karimireddy et al. 2019, "Error feedback fixes
  /// SignSGD".
  bool error_feedback = true;
  double error_decay = 1.0;            ///< β on what was lost, before it is added
  std::optional<int64_t> block = 256;  ///< values that share one scale (int8); none: a tensor's

  /// Whether the receiver gets what was sent, to the bit.
  bool exact() const { return std::holds_alternative<Float32>(kind) && !top_k; }
};
template <class V>
void fields(V& v, PayloadConfig& c) {
  v.field(
      "kind", c.kind, V::any(), "",
      "How the numbers of a pseudo-gradient travel: 32, 16, 8, 4, 2 or 1 bits each, and one scale a tensor (int8: a "
      "block)");
  v.field("top_k", c.top_k, V::any(), "",
          "Only the largest of each chunk travel, with their places, each as `kind` says; null: all");
  v.field("error_feedback", c.error_feedback, V::any(), "",
          "A worker adds what compression lost to its next pseudo-gradient");
  v.field("error_decay", c.error_decay, V::between(0, 1), "",
          "β, factor on what was lost before it is added; below 1 some is lost for good");
  v.field("block", c.block, V::between(1, 1 << 30), "values",
          "Values that share a scale of 4 bytes (int8); null: all of a tensor");
}

/// Bytes on the wire of a message of that layout: for each tensor its values' bits, and those of their places in their
/// chunks where the largest are chosen, in whole bytes, and the code's table; with int8 in blocks, all tensors in a
/// row.
uint64_t payload_bytes(const PayloadConfig&, const ParamLayout&);

/// Replaces `values`, of the layout, by what the receiver decodes. With error feedback v = values + β·residual is sent
/// instead, and residual ← v − decoded; an empty residual counts as zeros. So with β = 1 the sum of everything decoded
/// = the sum of everything given − the last residual. Blocks of int8 are counted from the front of the vector. Values
/// that are no finite numbers stay so.
void compress(const PayloadConfig&, const ParamLayout&, std::span<float> values, Params& residual);

}  // namespace models
