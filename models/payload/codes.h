#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

namespace models {

// How numbers travel. Each code has its name, the bits of a value, the bytes of what travels beside them once for all
// values of a scale, and encode(), which replaces such values by what the receiver decodes. x are the values that share
// a scale: a tensor's, or a block's. Where one of them is no finite number, all others become zero and it stays, so
// that no message looks sound that is not.

struct Float32 {
  static constexpr std::string_view name = "float32";
  static constexpr uint64_t bits = 32, table = 0;
  bool operator==(const Float32&) const = default;
};
/// The upper half of a float32, rounded to nearest, ties to even: relative error at most 2^-8.
struct Bfloat16 {
  static constexpr std::string_view name = "bfloat16";
  static constexpr uint64_t bits = 16, table = 0;
  bool operator==(const Bfloat16&) const = default;
};
/// x ≈ s·q with q ∈ {−127, …, 127} and s = max|x| / 127: error at most s/2.
struct Int8 {
  static constexpr std::string_view name = "int8";
  static constexpr uint64_t bits = 8, table = 4;
  bool operator==(const Int8&) const = default;
};
/// 4 bits without a mantissa: the nearest of ±{0, ¼, ½, 1, 2, 4, 8, 16}·s, ties to the smaller; s = max|x| / 16.
/// Source: Douillard et al. 2025, arXiv:2501.18512, which leaves scale and rounding open; they are ours.
struct E3M0 {
  static constexpr std::string_view name = "e3m0";
  static constexpr uint64_t bits = 4, table = 4;
  bool operator==(const E3M0&) const = default;
};
/// 2 bits: q = round((x − mean) / (1.5·σ) + 2), half to even, within {0, …, 3}; σ over n − 1. Each code's value is the
/// mean of its x, and the four travel along. Source: the code of SparseLoCo (Sarfi et al. 2025, arXiv:2508.15706).
struct TwoBit {
  static constexpr std::string_view name = "two-bit";
  static constexpr uint64_t bits = 2, table = 16;
  bool operator==(const TwoBit&) const = default;
};
/// c·sign(x) with c = mean|x|, the best single magnitude: |x − Qx|² = |x|² − n·c². sign(0) = + is ours. Source: 1-bit
/// rounds of arXiv:2609.18388.
struct Sign {
  static constexpr std::string_view name = "sign";
  static constexpr uint64_t bits = 1, table = 4;
  bool operator==(const Sign&) const = default;
};
/// Every code there is. The codes share the payload's settings: in a file a name stands for each.
using PayloadCode = std::variant<Float32, Bfloat16, Int8, E3M0, TwoBit, Sign>;

void encode(Float32, std::span<float> x);
void encode(Bfloat16, std::span<float> x);
void encode(Int8, std::span<float> x);
void encode(E3M0, std::span<float> x);
void encode(TwoBit, std::span<float> x);
void encode(Sign, std::span<float> x);

}  // namespace models
