#include "models/payload/codes.h"

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace models {
namespace {

Eigen::Map<Eigen::ArrayXf> array(std::span<float> x) { return {x.data(), static_cast<Eigen::Index>(x.size())}; }

/// Leaves only what is not finite, if something is.
bool broken(std::span<float> x) {
  auto all = array(x);
  if (all.isFinite().all()) return false;
  all = all.isFinite().select(0.0f, all);
  return true;
}

float to_bfloat16(float x) {
  if (!std::isfinite(x)) return x;
  const auto bits = std::bit_cast<uint32_t>(x);
  return std::bit_cast<float>((bits + 0x7fffu + ((bits >> 16) & 1u)) & 0xffff0000u);
}

float to_e3m0(float steps) {
  constexpr std::array<float, 7> kBetween{0.125f, 0.375f, 0.75f, 1.5f, 3.0f, 6.0f, 12.0f};
  constexpr std::array<float, 8> kValues{0.0f, 0.25f, 0.5f, 1.0f, 2.0f, 4.0f, 8.0f, 16.0f};
  return kValues[static_cast<size_t>(std::lower_bound(kBetween.begin(), kBetween.end(), steps) - kBetween.begin())];
}

}  // namespace

void encode(Float32, std::span<float>) {}

void encode(Bfloat16, std::span<float> x) {
  for (float& v : x) v = to_bfloat16(v);
}

void encode(Int8, std::span<float> values) {
  auto x = array(values);
  const float scale = values.empty() ? 0.0f : x.abs().maxCoeff<Eigen::PropagateNumbers>() / 127.0f;
  if (!(scale > 0.0f) || !std::isfinite(scale)) {  // all zero, or so small or large that a float has no such scale
    x = x.isFinite().select(0.0f, x);
    return;
  }
  x = x.isNaN().select(x, (x / scale).rint().max(-127.0f).min(127.0f) * scale);
}

void encode(E3M0, std::span<float> x) {
  if (x.empty() || broken(x)) return;
  const float scale = array(x).abs().maxCoeff() / 16.0f;
  for (float& v : x) v = scale > 0.0f ? std::copysign(to_e3m0(std::fabs(v) / scale) * scale, v) : 0.0f;
}

void encode(TwoBit, std::span<float> x) {
  if (x.empty() || broken(x)) return;
  const auto n = static_cast<double>(x.size());
  double sum = 0.0, squares = 0.0;
  for (const float v : x) sum += v;
  const double mean = sum / n;
  for (const float v : x) squares += (v - mean) * (v - mean);
  const double step = std::max(1.5 * std::sqrt(squares / std::max(1.0, n - 1.0)), 1e-12);
  const auto code = [&](float v) {
    return static_cast<size_t>(std::clamp(std::nearbyint((v - mean) / step + 2.0), 0.0, 3.0));
  };
  std::array<double, 4> sums{}, counts{};
  for (const float v : x) {
    sums[code(v)] += v;
    counts[code(v)] += 1.0;
  }
  std::array<float, 4> table{};
  for (size_t q = 0; q < table.size(); ++q) table[q] = static_cast<float>(sums[q] / std::max(1.0, counts[q]));
  for (float& v : x) v = table[code(v)];
}

void encode(Sign, std::span<float> x) {
  if (x.empty() || broken(x)) return;
  double sum = 0.0;
  for (const float v : x) sum += std::fabs(v);
  const auto magnitude = static_cast<float>(sum / static_cast<double>(x.size()));
  for (float& v : x) v = v >= 0.0f ? magnitude : -magnitude;
}

}  // namespace models
