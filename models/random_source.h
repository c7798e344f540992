#pragma once
#include <cstdint>

namespace models {

/// What models needs of randomness: draws that are pure functions of (entity, counter). One source serves one purpose
/// of one seed; the experiment layer backs it with sim's counter-based streams, so models knows neither seeds nor
/// generators.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  /// Uniform in [0, 1).
  virtual double uniform(uint64_t entity, uint64_t counter) const = 0;
  /// Standard normal.
  virtual double normal(uint64_t entity, uint64_t counter) const = 0;
  /// Uniform in {0, …, bound − 1}; bound ≥ 1.
  virtual uint64_t below(uint64_t bound, uint64_t entity, uint64_t counter) const = 0;
};

}  // namespace models
