#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace sim {

/// Philox4x32-10: a keyed bijection of 128-bit counters. Source: Salmon et al. 2011, "Parallel random numbers: as easy
/// as 1, 2, 3".
std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

/// Stateless draws: each is a pure function of (seed, purpose, entity, counter), whatever else was drawn and in
/// whatever order. So every method meets the same world, and changing one entity leaves all others' draws untouched.
/// One block of the generator serves one counter: different kinds of draw at the same counter of the same stream are
/// not independent.
class RandomStream {
 public:
  RandomStream(uint64_t seed, std::string_view purpose, uint64_t entity = 0);
  /// The same purpose of the same seed for another entity.
  RandomStream of(uint64_t entity) const;
  /// 64 uniform bits.
  uint64_t bits(uint64_t counter) const;
  /// Uniform in [0, 1), 53 bits.
  double uniform(uint64_t counter) const;
  /// Standard normal (Box–Muller).
  double normal(uint64_t counter) const;
  /// Uniform in {0, …, bound − 1} (multiply-shift; bias < bound / 2^64). Precondition: bound ≥ 1.
  uint64_t below(uint64_t bound, uint64_t counter) const;

 private:
  std::array<uint32_t, 2> key_;
  uint64_t entity_;
};

}  // namespace sim
