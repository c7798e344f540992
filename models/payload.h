#pragma once
#include <cstdint>
#include <span>

#include "models/params.h"

namespace models {

/// How the numbers of a pseudo-gradient travel.
enum class PayloadKind {
  float32,
  bfloat16,  ///< the upper half of a float32, rounded to nearest, ties to even: relative error at most 2^-8
  int8       ///< x ≈ s·q with q ∈ {−127, …, 127} and s = max|x| / 127 of each block: error at most s/2
};

struct PayloadConfig {
  PayloadKind kind = PayloadKind::float32;
  /// What compression lost of one message is added to the next one: nothing is lost for good, only late.
  /// Source: Seide et al. 2014, "1-bit stochastic gradient descent"; Karimireddy et al. 2019, "Error feedback fixes
  /// SignSGD".
  bool error_feedback = true;
  int64_t block = 256;  ///< values that share one scale (int8)
};

/// Bytes on the wire of `values` numbers: 4 each, 2 each, or 1 each and 4 more for the scale of every block begun.
uint64_t payload_bytes(const PayloadConfig&, uint64_t values);

/// Replaces `values` by what the receiver decodes. With error feedback v = values + residual is sent instead, and
/// residual ← v − decoded; an empty residual counts as zeros. So the sum of everything decoded = the sum of everything
/// given − the last residual. Blocks are counted from the front. Values that are no finite numbers stay so.
void compress(const PayloadConfig&, std::span<float> values, Params& residual);

}  // namespace models
