#include "models/data/permutation.h"

#include <algorithm>
#include <cassert>

namespace models {
namespace {

/// Finaliser of SplitMix64. Source: Steele, Lea, Flood 2014.
uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/// SplitMix64: advances `state`, returns 64 bits.
uint64_t draw(uint64_t& state) { return mix(state += 0x9e3779b97f4a7c15u); }

}  // namespace

Permutation::Permutation(uint64_t size, uint64_t key) : size_(size) {
  assert(size >= 1);
  uint64_t state = mix(key);
  for (Round& round : rounds_) {
    round.partner_sum = draw(state) % size;  // bias below size / 2^64
    round.bit_key = draw(state);
  }
}

uint64_t Permutation::operator()(uint64_t x) const {
  assert(x < size_);
  for (const Round& round : rounds_) {
    const uint64_t partner = round.partner_sum >= x ? round.partner_sum - x : round.partner_sum + size_ - x;
    const uint64_t pair = std::max(x, partner);  // the same from either side
    if (mix(pair ^ round.bit_key) >> 63) x = partner;
  }
  return x;
}

}  // namespace models
