#include "models/nn/peak.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace models {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

double peak_flops(double seconds) {
#ifdef __AVX512F__
  typedef float Register __attribute__((vector_size(64)));
#elif defined(__AVX__)
  typedef float Register __attribute__((vector_size(32)));
#else
  typedef float Register __attribute__((vector_size(16)));
#endif
  constexpr int chains = 12;  // enough to cover the latency of two multiply-adds a cycle
  constexpr double per_round = 2.0 * chains * sizeof(Register) / sizeof(float);
  std::array<Register, chains> sums{};
  Register factor = 0.999f - Register{}, term = 0.001f - Register{};
  asm volatile("" : "+m"(factor), "+m"(term));
  double best = 0;
  const auto start = std::chrono::steady_clock::now();
  while (seconds_since(start) < seconds) {
    const auto begin = std::chrono::steady_clock::now();
    constexpr int rounds = 200000;
    for (int round = 0; round < rounds; ++round)
#pragma GCC unroll 12
      for (int i = 0; i < chains; ++i) sums[i] = sums[i] * factor + term;
    for (Register& sum : sums) asm volatile("" : "+m"(sum));
    best = std::max(best, rounds * per_round / seconds_since(begin));
  }
  return best;
}

}  // namespace models
