#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace models {

/// 64 bytes of scalars that compute together (GNU vector extension: one AVX-512 register, two of AVX2, four of SSE or NEON). The
/// number of lanes does not follow the instruction set, so neither does the order of any sum written with them.
template <class S>
struct LanesOf {
  typedef S type __attribute__((vector_size(64)));
  typedef S unaligned __attribute__((vector_size(64), aligned(alignof(S)), may_alias));
};
template <class S>
using Lanes = typename LanesOf<S>::type;
template <class S>
inline constexpr int64_t lane_count = 64 / static_cast<int64_t>(sizeof(S));

/// How much of a vector a step of a loop covers: all of it, or the first `count` lanes at the end of a row.
struct Full {};
struct Rest {
  int64_t count;
};

/// Calls body(i, part) for i = 0, lanes, 2·lanes, … until n elements are covered.
template <class S, class Body>
inline void for_lanes(int64_t n, Body body) {
  int64_t i = 0;
  for (; i + lane_count<S> <= n; i += lane_count<S>) body(i, Full{});
  if (i < n) body(i, Rest{n - i});
}

/// 0, 1, 2, …
template <class S>
inline Lanes<S> counting() {
  if constexpr (sizeof(S) == 4)
    return Lanes<S>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  else
    return Lanes<S>{0, 1, 2, 3, 4, 5, 6, 7};
}

template <class S>
inline Lanes<S> load(const S* p, Full = {}) {
  return *reinterpret_cast<const typename LanesOf<S>::unaligned*>(p);
}
/// Lanes past the end of the row hold `fill`.
template <class S>
inline Lanes<S> load(const S* p, Rest rest, S fill = 0) {
  Lanes<S> v = fill - Lanes<S>{};
  for (int64_t i = 0; i < rest.count; ++i) v[i] = p[i];
  return v;
}
/// The same where the row is padded: reads a whole vector and replaces what lies past the end.
template <class S>
inline Lanes<S> load_padded(const S* p, Rest rest, S fill) {
  const Lanes<S> index = counting<S>();
  return index < static_cast<S>(rest.count) - Lanes<S>{} ? load(p) : fill - Lanes<S>{};
}
template <class S>
inline Lanes<S> load_padded(const S* p, Full, S) {
  return load(p);
}
template <class S>
inline Lanes<S> load(const S* p, Full, S) {
  return load(p);
}
template <class S>
inline void store(S* p, Lanes<S> v, Full = {}) {
  *reinterpret_cast<typename LanesOf<S>::unaligned*>(p) = v;
}
template <class S>
inline void store(S* p, Lanes<S> v, Rest rest) {
  for (int64_t i = 0; i < rest.count; ++i) p[i] = v[i];
}

/// The lanes of v moved down by `by`, round the end.
template <int by>
inline Lanes<float> rotated(Lanes<float> v) {
  return __builtin_shufflevector(v, v, by, (by + 1) % 16, (by + 2) % 16, (by + 3) % 16, (by + 4) % 16, (by + 5) % 16, (by + 6) % 16, (by + 7) % 16, (by + 8) % 16, (by + 9) % 16, (by + 10) % 16, (by + 11) % 16, (by + 12) % 16, (by + 13) % 16, (by + 14) % 16, (by + 15) % 16);
}
template <int by>
inline Lanes<double> rotated(Lanes<double> v) {
  return __builtin_shufflevector(v, v, by, (by + 1) % 8, (by + 2) % 8, (by + 3) % 8, (by + 4) % 8, (by + 5) % 8, (by + 6) % 8, (by + 7) % 8);
}

/// Sum and largest of all lanes, halves onto halves, in a fixed order.
inline float sum_of(Lanes<float> v) {
  v += rotated<8>(v);
  v += rotated<4>(v);
  v += rotated<2>(v);
  return v[0] + v[1];
}
inline double sum_of(Lanes<double> v) {
  v += rotated<4>(v);
  v += rotated<2>(v);
  return v[0] + v[1];
}
template <class V>
inline V larger(V a, V b) {
  return a > b ? a : b;
}
inline float max_of(Lanes<float> v) {
  v = larger(v, rotated<8>(v));
  v = larger(v, rotated<4>(v));
  v = larger(v, rotated<2>(v));
  return v[0] > v[1] ? v[0] : v[1];
}
inline double max_of(Lanes<double> v) {
  v = larger(v, rotated<4>(v));
  v = larger(v, rotated<2>(v));
  return v[0] > v[1] ? v[0] : v[1];
}

/// e^x, relative error below 3e-7; arguments outside [-87.3, 88.3] count as the nearer bound. x = n·ln 2 + r with |r| ≤ ln 2 / 2, a
/// polynomial in r of degree 5 whose largest relative error is about the least possible, 1.05e-7, and 2^n written into the exponent bits.
inline Lanes<float> exp_of(Lanes<float> x) {
  using Floats = Lanes<float>;
  typedef int32_t Ints __attribute__((vector_size(64)));
  const Floats low = -87.3f - Floats{}, high = 88.3f - Floats{};
  x = x > low ? x : low;
  x = x < high ? x : high;
  constexpr float to_integer = 12582912.0f;  // 1.5 · 2^23: adding it leaves no room for a fraction
  const Floats n = (x * 1.44269504f + to_integer) - to_integer;
  const Floats r = (x - n * 0.693359375f) - n * -2.12194440e-4f;  // ln 2 in two parts, n times the first is exact
  Floats p = 8.312523092e-3f - Floats{};
  p = p * r + 4.189016122e-2f;
  p = p * r + 1.666711463e-1f;
  p = p * r + 4.999923145e-1f;
  p = p * (r * r) + r + 1.0f;
  const Ints power = (__builtin_convertvector(n, Ints) + 127) << 23;
  return p * std::bit_cast<Floats>(power);
}
inline Lanes<double> exp_of(Lanes<double> x) {
  for (int64_t i = 0; i < lane_count<double>; ++i) x[i] = std::exp(x[i]);
  return x;
}

/// 1 / (1 + e^-x).
template <class V>
inline V sigmoid_of(V x) {
  return 1 / (1 + exp_of(-x));
}

}  // namespace models
