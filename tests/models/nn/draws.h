#pragma once
#include <cmath>
#include <cstdint>
#include <numbers>

#include "models/objective.h"

namespace models::testing {

/// Draws for tests of models, which do not know sim's: SplitMix64's finalizer over (entity, counter). Source: Steele,
/// Lea & Flood 2014, "Fast splittable pseudorandom number generators".
class Draws : public RandomSource {
 public:
  explicit Draws(uint64_t seed = 1) : seed_(seed) {}
  double uniform(uint64_t entity, uint64_t counter) const override {
    return static_cast<double>(bits(entity, counter) >> 11) * 0x1p-53;
  }
  double normal(uint64_t entity, uint64_t counter) const override {
    const double radius = std::sqrt(-2 * std::log(1 - uniform(entity, 2 * counter)));
    return radius * std::cos(2 * std::numbers::pi * uniform(entity, 2 * counter + 1));
  }
  uint64_t below(uint64_t bound, uint64_t entity, uint64_t counter) const override {
    return bits(entity, counter) % bound;
  }

 private:
  uint64_t bits(uint64_t entity, uint64_t counter) const {
    uint64_t z = seed_ * 0x9e3779b97f4a7c15u + (entity << 40) + counter;
    for (int round = 0; round < 2; ++round) {
      z += 0x9e3779b97f4a7c15u;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
      z ^= z >> 31;
    }
    return z;
  }
  uint64_t seed_;
};

/// B sequences of T + 1 random tokens: inputs, and targets one to the right.
inline Batch random_tokens(int64_t sequences, int64_t length, int64_t vocabulary, uint64_t seed = 7) {
  const Draws draws(seed);
  Batch batch{sequences, length, {}, {}, {}};
  for (int64_t b = 0; b < sequences; ++b)
    for (int64_t t = 0; t <= length; ++t) {
      const auto token = static_cast<int32_t>(
          draws.below(static_cast<uint64_t>(vocabulary), static_cast<uint64_t>(b), static_cast<uint64_t>(t)));
      if (t < length) batch.inputs.push_back(token);
      if (t > 0) batch.targets.push_back(token);
    }
  return batch;
}

}  // namespace models::testing
