#pragma once
#include <cstdint>
#include <span>
#include <string>

namespace sim {

/// 64 bits over a sequence of words. Two sequences of one length that differ in a single word never share them; others
/// do by a chance of 2^-64. Order counts.
class Fingerprint {
 public:
  Fingerprint() = default;
  /// Goes on where another stood.
  explicit Fingerprint(uint64_t value) : state_(value) {}
  void add(uint64_t word) { state_ = mixed((state_ ^ word) * 0x9e3779b97f4a7c15ull); }
  /// The bits of the numbers, so that −0 is not 0.
  void add(std::span<const float> numbers);
  uint64_t value() const { return state_; }

 private:
  /// SplitMix64's finalizer, a bijection (Steele, Lea, Flood 2014).
  static uint64_t mixed(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
  }
  uint64_t state_ = 0x7374726167676c65ull;
};

/// 16 hexadecimal digits.
std::string fingerprint_text(uint64_t fingerprint);

}  // namespace sim
