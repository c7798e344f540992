#include "sim/random.h"

#include <cassert>
#include <cmath>
#include <numbers>

namespace sim {
namespace {

__extension__ using Wide = unsigned __int128;

/// FNV-1a: tells purposes apart.
uint64_t hash(std::string_view text) {
  uint64_t h = 0xcbf29ce484222325u;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return h;
}

/// The finaliser of SplitMix64, a bijection: neighbouring seeds get unrelated keys.
uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

uint32_t low(uint64_t x) { return static_cast<uint32_t>(x); }
uint32_t high(uint64_t x) { return static_cast<uint32_t>(x >> 32); }

std::array<uint32_t, 4> block(std::array<uint32_t, 2> key, uint64_t entity, uint64_t counter) {
  return philox({low(counter), high(counter), low(entity), high(entity)}, key);
}
uint64_t join(uint32_t low_half, uint32_t high_half) { return low_half | uint64_t{high_half} << 32; }
double unit(uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

}  // namespace

std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53u} * counter[0];
    const uint64_t b = uint64_t{0xCD9E8D57u} * counter[2];
    counter = {high(b) ^ counter[1] ^ key[0], low(b), high(a) ^ counter[3] ^ key[1], low(a)};
    key[0] += 0x9E3779B9u;  // the golden ratio
    key[1] += 0xBB67AE85u;  // √3 − 1
  }
  return counter;
}

RandomStream::RandomStream(uint64_t seed, std::string_view purpose, uint64_t entity) : entity_(entity) {
  const uint64_t key = mix(mix(seed) + hash(purpose));
  key_ = {low(key), high(key)};
}

RandomStream RandomStream::of(uint64_t entity) const {
  RandomStream other = *this;
  other.entity_ = entity;
  return other;
}

uint64_t RandomStream::bits(uint64_t counter) const {
  const auto words = block(key_, entity_, counter);
  return join(words[0], words[1]);
}

double RandomStream::uniform(uint64_t counter) const { return unit(bits(counter)); }

double RandomStream::normal(uint64_t counter) const {
  const auto words = block(key_, entity_, counter);
  const double radius_draw = 1.0 - unit(join(words[0], words[1]));  // in (0, 1]: its logarithm is finite
  const double angle_draw = unit(join(words[2], words[3]));
  return std::sqrt(-2.0 * std::log(radius_draw)) * std::cos(2.0 * std::numbers::pi * angle_draw);
}

uint64_t RandomStream::below(uint64_t bound, uint64_t counter) const {
  assert(bound >= 1);
  return static_cast<uint64_t>((Wide{bits(counter)} * bound) >> 64);
}

}  // namespace sim
