#pragma once
#include <array>
#include <cstdint>

namespace models {

/// A pseudo-random permutation of {0, …, size − 1} given by 64 key bits, evaluated point by point without a table: the
/// swap-or-not shuffle. Each round pairs x with (K − x) mod size and swaps the pair or not by one pseudo-random bit of
/// the pair, so every round, and hence the whole, is a bijection at any size. Source: Hoang, Morris, Rogaway 2012, "An
/// enciphering scheme based on a card shuffle".
class Permutation {
 public:
  /// Precondition: size ≥ 1.
  Permutation(uint64_t size, uint64_t key);
  /// Precondition: x < size.
  uint64_t operator()(uint64_t x) const;

 private:
  // A place is uniform up to 2^−rounds, since each round moves it to a random partner with probability ½.
  static constexpr int rounds = 48;
  struct Round {
    uint64_t partner_sum;  ///< K
    uint64_t bit_key;
  };
  uint64_t size_;
  std::array<Round, rounds> rounds_;
};

}  // namespace models
