#include "models/payload.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "models/chunks.h"

namespace models {
namespace {

float to_bfloat16(float x) {
  if (!std::isfinite(x)) return x;
  const auto bits = std::bit_cast<uint32_t>(x);
  return std::bit_cast<float>((bits + 0x7fffu + ((bits >> 16) & 1u)) & 0xffff0000u);
}

void to_int8(std::span<float> block) {
  Eigen::Map<Eigen::ArrayXf> x(block.data(), static_cast<Eigen::Index>(block.size()));
  const float scale = x.abs().maxCoeff<Eigen::PropagateNumbers>() / 127.0f;
  if (!(scale > 0.0f) || !std::isfinite(scale)) {  // all zero, or so small or large that a float has no such scale
    x = x.isFinite().select(0.0f, x);
    return;
  }
  x = x.isNaN().select(x, (x / scale).rint().max(-127.0f).min(127.0f) * scale);
}

}  // namespace

uint64_t payload_bytes(const PayloadConfig& config, uint64_t values) {
  switch (config.kind) {
    case PayloadKind::bfloat16:
      return 2 * values;
    case PayloadKind::int8: {
      const auto block = static_cast<uint64_t>(config.block);
      return values + 4 * ((values + block - 1) / block);
    }
    case PayloadKind::float32:
      break;
  }
  return 4 * values;
}

void compress(const PayloadConfig& config, std::span<float> values, Params& residual) {
  if (config.kind == PayloadKind::float32) return;
  if (config.error_feedback) {
    residual.resize(values.size());
    in_chunks(values.size(), [&](Chunk at) { at(residual) = at(values) += at(residual); });
  }
  if (config.kind == PayloadKind::bfloat16) {
    for (float& x : values) x = to_bfloat16(x);
  } else {
    const auto block = static_cast<size_t>(config.block);
    for (size_t i = 0; i < values.size(); i += block) to_int8(values.subspan(i, std::min(block, values.size() - i)));
  }
  if (config.error_feedback) in_chunks(values.size(), [&](Chunk at) { at(residual) -= at(values); });
}

}  // namespace models
