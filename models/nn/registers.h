#pragma once
#include <cstdint>
#include <utility>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace models {

/// Bytes of a vector register of the CPU this is compiled for.
#if defined(__AVX512F__)
inline constexpr int64_t register_bytes = 64;
#elif defined(__AVX__)
inline constexpr int64_t register_bytes = 32;
#else
inline constexpr int64_t register_bytes = 16;
#endif

/// One vector register (GNU vector extension), and the same at any address.
template <class S>
struct RegisterOf {
  typedef S type __attribute__((vector_size(register_bytes)));
  typedef S unaligned __attribute__((vector_size(register_bytes), aligned(alignof(S)), may_alias));
  static constexpr int lanes = static_cast<int>(register_bytes / static_cast<int64_t>(sizeof(S)));
};
template <class S>
using Register = typename RegisterOf<S>::type;

template <class S>
inline Register<S> load_register(const S* p) {
  return *reinterpret_cast<const typename RegisterOf<S>::unaligned*>(p);
}
template <class S>
inline void store_register(S* p, Register<S> v) {
  *reinterpret_cast<typename RegisterOf<S>::unaligned*>(p) = v;
}

/// A store that fetches nothing and leaves nothing in the caches, where the CPU has one; p is aligned to the register.
template <class S>
inline void stream_register(S* p, Register<S> v) {
#if defined(__AVX512F__)
  _mm512_stream_si512(reinterpret_cast<__m512i*>(p), reinterpret_cast<__m512i>(v));
#elif defined(__AVX__)
  _mm256_stream_si256(reinterpret_cast<__m256i*>(p), reinterpret_cast<__m256i>(v));
#elif defined(__x86_64__)
  _mm_stream_si128(reinterpret_cast<__m128i*>(p), reinterpret_cast<__m128i>(v));
#else
  store_register(p, v);
#endif
}
/// Makes streamed stores visible in order with those that follow, as other stores are.
inline void stream_fence() {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}

/// The lanes of v moved down by `by`, round the end.
template <int by, class V, int... i>
inline V rotated(V v, std::integer_sequence<int, i...>) {
  return __builtin_shufflevector(v, v, ((i + by) % static_cast<int>(sizeof...(i)))...);
}

}  // namespace models
