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

/// Sum and largest of all lanes, halves onto halves, in a fixed order.
template <class S>
inline S sum_of(Lanes<S> v) {
  for (int64_t half = lane_count<S> / 2; half > 0; half /= 2)
    for (int64_t i = 0; i < half; ++i) v[i] += v[i + half];
  return v[0];
}
template <class S>
inline S max_of(Lanes<S> v) {
  for (int64_t half = lane_count<S> / 2; half > 0; half /= 2)
    for (int64_t i = 0; i < half; ++i) v[i] = v[i] > v[i + half] ? v[i] : v[i + half];
  return v[0];
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
