#pragma once
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "models/nn/registers.h"

namespace models {

/// 64 bytes of scalars that compute together: one AVX-512 register, two of AVX2, four of SSE or NEON. The number of
/// lanes does not follow the instruction set, so neither does the order of any sum written with them.
template <class S>
struct Lanes {
  static constexpr int64_t count = 64 / static_cast<int64_t>(sizeof(S));
  static constexpr int registers = static_cast<int>(64 / register_bytes);
  Register<S> r[registers];

  static Lanes all(S value) {
    Lanes v;
    for (Register<S>& part : v.r) part = value - Register<S>{};
    return v;
  }
  S operator[](int64_t i) const { return std::bit_cast<std::array<S, count>>(*this)[static_cast<size_t>(i)]; }

  /// op(a, b) register by register.
  template <class Op>
  static Lanes each(const Lanes& a, const Lanes& b, Op op) {
    Lanes v;
    for (int i = 0; i < registers; ++i) v.r[i] = op(a.r[i], b.r[i]);
    return v;
  }
  friend Lanes operator+(Lanes a, Lanes b) {
    return each(a, b, [](auto x, auto y) { return x + y; });
  }
  friend Lanes operator-(Lanes a, Lanes b) {
    return each(a, b, [](auto x, auto y) { return x - y; });
  }
  friend Lanes operator*(Lanes a, Lanes b) {
    return each(a, b, [](auto x, auto y) { return x * y; });
  }
  friend Lanes operator/(Lanes a, Lanes b) {
    return each(a, b, [](auto x, auto y) { return x / y; });
  }
  friend Lanes operator+(Lanes a, S b) { return a + all(b); }
  friend Lanes operator-(Lanes a, S b) { return a - all(b); }
  friend Lanes operator*(Lanes a, S b) { return a * all(b); }
  friend Lanes operator+(S a, Lanes b) { return all(a) + b; }
  friend Lanes operator-(S a, Lanes b) { return all(a) - b; }
  friend Lanes operator*(S a, Lanes b) { return all(a) * b; }
  friend Lanes operator/(S a, Lanes b) { return all(a) / b; }
  Lanes& operator+=(Lanes b) { return *this = *this + b; }

  friend Lanes larger(Lanes a, Lanes b) {
    return each(a, b, [](auto x, auto y) { return x > y ? x : y; });
  }
  /// 1 where x > 0, else 0.
  friend Lanes positive(Lanes x) {
    return each(x, all(1), [](auto v, auto one) { return v > Register<S>{} ? one : Register<S>{}; });
  }
};
template <class S>
inline constexpr int64_t lane_count = Lanes<S>::count;

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
  Lanes<S> v;
  for (int i = 0; i < Lanes<S>::registers; ++i) v.r[i] = load_register(p + i * RegisterOf<S>::lanes);
  return v;
}
template <class S>
inline Lanes<S> load(const S* p, Full, S) {
  return load(p);
}
/// Lanes past the end of the row hold `fill`.
template <class S>
inline Lanes<S> load(const S* p, Rest rest, S fill = 0) {
  alignas(64) S values[static_cast<size_t>(lane_count<S>)];
  for (int64_t i = 0; i < lane_count<S>; ++i) values[i] = i < rest.count ? p[i] : fill;
  return load(values);
}
/// The same where the row is padded: reads a whole vector and replaces what lies past the end.
template <class S>
inline Lanes<S> load_padded(const S* p, Rest rest, S fill) {
  alignas(64) static constexpr S index[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const Register<S> end = static_cast<S>(rest.count) - Register<S>{}, filling = fill - Register<S>{};
  return Lanes<S>::each(load(p), load(index), [&](auto v, auto at) { return at < end ? v : filling; });
}
template <class S>
inline Lanes<S> load_padded(const S* p, Full, S) {
  return load(p);
}
template <class S>
inline void store(S* p, const Lanes<S>& v, Full = {}) {
  for (int i = 0; i < Lanes<S>::registers; ++i) store_register(p + i * RegisterOf<S>::lanes, v.r[i]);
}
template <class S>
inline void store(S* p, const Lanes<S>& v, Rest rest) {
  const auto values = std::bit_cast<std::array<S, static_cast<size_t>(lane_count<S>)>>(v);
  for (int64_t i = 0; i < rest.count; ++i) p[i] = values[static_cast<size_t>(i)];
}

/// Stores past the caches what will not be read soon; p is on a boundary of 64 bytes. See stream_fence().
template <class S>
inline void stream(S* p, const Lanes<S>& v, Full) {
  for (int i = 0; i < Lanes<S>::registers; ++i) stream_register(p + i * RegisterOf<S>::lanes, v.r[i]);
}
template <class S>
inline void stream(S* p, const Lanes<S>& v, Rest rest) {
  store(p, v, rest);
}

/// op over all lanes, halves onto halves: lane i with i + 8, then with i + 4, …, whatever the registers.
template <class S, class Op>
inline S folded(Lanes<S> v, Op op) {
  for (int half = Lanes<S>::registers / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) v.r[i] = op(v.r[i], v.r[i + half]);
  constexpr int lanes = RegisterOf<S>::lanes;
  constexpr std::make_integer_sequence<int, lanes> all;
  Register<S> r = v.r[0];
  if constexpr (lanes >= 16) r = op(r, rotated<8>(r, all));
  if constexpr (lanes >= 8) r = op(r, rotated<4>(r, all));
  if constexpr (lanes >= 4) r = op(r, rotated<2>(r, all));
  return op(r, rotated<1>(r, all))[0];
}
template <class S>
inline S sum_of(const Lanes<S>& v) {
  return folded(v, [](auto a, auto b) { return a + b; });
}
template <class S>
inline S max_of(const Lanes<S>& v) {
  return folded(v, [](auto a, auto b) { return a > b ? a : b; });
}

/// e^x, relative error below 3e-7; arguments outside [-87.3, 88.3] count as the nearer bound. x = n·ln 2 + r with |r| ≤
/// ln 2 / 2, a polynomial in r of degree 5 whose largest relative error is about the least possible, 1.05e-7, and 2^n
/// written into the exponent.
inline Register<float> exp_of(Register<float> x) {
  using Floats = Register<float>;
  using Ints = Register<int32_t>;
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
inline Lanes<float> exp_of(Lanes<float> x) {
  for (Register<float>& part : x.r) part = exp_of(part);
  return x;
}
inline Lanes<double> exp_of(Lanes<double> x) {
  for (Register<double>& part : x.r)
    for (int i = 0; i < RegisterOf<double>::lanes; ++i) part[i] = std::exp(part[i]);
  return x;
}

/// 1 / (1 + e^-x).
template <class S>
inline Lanes<S> sigmoid_of(Lanes<S> x) {
  return S(1) / (S(1) + exp_of(S(0) - x));
}

}  // namespace models
