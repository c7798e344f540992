#pragma once
#include <cmath>
#include <cstdint>
#include <numbers>

#include "models/random_source.h"

/// A RandomSource for tests: SplitMix64's finaliser over seed, entity and counter. Says nothing about the one runs use.
class HashRandom final : public models::RandomSource {
 public:
  explicit HashRandom(uint64_t seed = 1) : seed_(seed) {}

  double uniform(uint64_t entity, uint64_t counter) const override {
    return static_cast<double>(bits(entity, counter, 0) >> 11) * 0x1p-53;
  }
  double normal(uint64_t entity, uint64_t counter) const override {
    const double radius = 1 - static_cast<double>(bits(entity, counter, 1) >> 11) * 0x1p-53;
    const double angle = static_cast<double>(bits(entity, counter, 2) >> 11) * 0x1p-53;
    return std::sqrt(-2 * std::log(radius)) * std::cos(2 * std::numbers::pi * angle);
  }
  uint64_t below(uint64_t bound, uint64_t entity, uint64_t counter) const override {
    return bits(entity, counter, 3) % bound;  // a bias below bound / 2^64
  }

 private:
  static uint64_t mix(uint64_t z) {
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  uint64_t bits(uint64_t entity, uint64_t counter, uint64_t use) const {
    return mix(mix(mix(mix(seed_) + entity) + counter) + use);
  }
  uint64_t seed_;
};
