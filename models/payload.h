#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "models/params.h"

namespace models {

// How the numbers of a pseudo-gradient travel. Each code has a struct here with its name, its place in the list, and
// two functions in payload.cpp: bytes_of() and encode().

struct Float32 {
  static constexpr std::string_view name = "float32";
  bool operator==(const Float32&) const = default;
};
/// The upper half of a float32, rounded to nearest, ties to even: relative error at most 2^-8.
struct Bfloat16 {
  static constexpr std::string_view name = "bfloat16";
  bool operator==(const Bfloat16&) const = default;
};
/// x ≈ s·q with q ∈ {−127, …, 127} and s = max|x| / 127 of each block: error at most s/2.
struct Int8 {
  static constexpr std::string_view name = "int8";
  bool operator==(const Int8&) const = default;
};
/// Every code there is. The codes share the payload's settings: in a file a name stands for each.
using PayloadCode = std::variant<Float32, Bfloat16, Int8>;

struct PayloadConfig {
  PayloadCode kind;
  /// What compression lost of one message is added to the next one: nothing is lost for good, only late.
  /// Source: Seide et al. 2014, "1-bit stochastic gradient descent"; Karimireddy et al. 2019, "Error feedback fixes
  /// SignSGD".
  bool error_feedback = true;
  int64_t block = 256;  ///< values that share one scale (int8)

  /// Whether the receiver gets what was sent, to the bit.
  bool exact() const { return std::holds_alternative<Float32>(kind); }
};
template <class V>
void fields(V& v, PayloadConfig& c) {
  v.field("kind", c.kind, V::any(), "", "How the numbers of a pseudo-gradient travel: 4, 2 or about 1 bytes each");
  v.field("error_feedback", c.error_feedback, V::any(), "",
          "A worker adds what compression lost to its next pseudo-gradient (bfloat16, int8)");
  v.field("block", c.block, V::between(1, 1 << 30), "values", "Values that share a scale of 4 bytes (int8)");
}

/// Bytes on the wire of `values` numbers: 4 each, 2 each, or 1 each and 4 more for the scale of every block begun.
uint64_t payload_bytes(const PayloadConfig&, uint64_t values);

/// Replaces `values` by what the receiver decodes. With error feedback v = values + residual is sent instead, and
/// residual ← v − decoded; an empty residual counts as zeros. So the sum of everything decoded = the sum of everything
/// given − the last residual. Blocks are counted from the front. Values that are no finite numbers stay so.
void compress(const PayloadConfig&, std::span<float> values, Params& residual);

}  // namespace models
