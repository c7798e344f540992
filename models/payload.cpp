#include "models/payload.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "models/chunks.h"

namespace models {
namespace {

uint64_t bytes_of(Float32, uint64_t values, uint64_t /*block*/) { return 4 * values; }
void encode(Float32, std::span<float>, size_t /*block*/) {}

float to_bfloat16(float x) {
  if (!std::isfinite(x)) return x;
  const auto bits = std::bit_cast<uint32_t>(x);
  return std::bit_cast<float>((bits + 0x7fffu + ((bits >> 16) & 1u)) & 0xffff0000u);
}

uint64_t bytes_of(Bfloat16, uint64_t values, uint64_t /*block*/) { return 2 * values; }
void encode(Bfloat16, std::span<float> values, size_t /*block*/) {
  for (float& x : values) x = to_bfloat16(x);
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
uint64_t bytes_of(Int8, uint64_t values, uint64_t block) { return values + 4 * ((values + block - 1) / block); }
void encode(Int8, std::span<float> values, size_t block) {
  for (size_t i = 0; i < values.size(); i += block) to_int8(values.subspan(i, std::min(block, values.size() - i)));
}

}  // namespace

uint64_t payload_bytes(const PayloadConfig& config, uint64_t values) {
  return std::visit([&](auto code) { return bytes_of(code, values, static_cast<uint64_t>(config.block)); },
                    config.kind);
}

void compress(const PayloadConfig& config, std::span<float> values, Params& residual) {
  if (config.exact()) return;
  if (config.error_feedback) {
    residual.resize(values.size());
    in_chunks(values.size(), [&](Chunk at) { at(residual) = at(values) += at(residual); });
  }
  std::visit([&](auto code) { encode(code, values, static_cast<size_t>(config.block)); }, config.kind);
  if (config.error_feedback) in_chunks(values.size(), [&](Chunk at) { at(residual) -= at(values); });
}

}  // namespace models
