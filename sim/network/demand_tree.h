#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "sim/huge_pages.h"

namespace sim {

/// What flows weigh at which cap, for sums over all caps below a level in O(log caps). Where all are equal a flow
/// weighs
/// 1. The sums are made anew from their halves at every change, so that no rounding error builds up.
class DemandTree {
 public:
  struct Sum {
    double caps = 0.0;    ///< of the flows' caps, each times its weight
    double weight = 0.0;  ///< of the flows
  };
  /// `caps`, per weight, ascending; +∞ is allowed.
  explicit DemandTree(std::vector<double> caps);
  std::span<const double> caps() const { return caps_; }
  /// `cap` is caps()[place], which the caller has at hand: here it would be one more wait for memory.
  void set(size_t place, double cap, double weight);
  Sum total() const { return total_; }
  /// Over the caps with index below `end`.
  Sum below(size_t end) const;
  /// The weight over the other caps, from `end` on. total() − below() has it for whole numbers alone: of others
  /// rounding would be left.
  double weight_above(size_t end) const;
  /// What set() there will touch, into the cache.
  [[gnu::always_inline]] void fetch(size_t place) const {
    for (const auto& level : levels_) __builtin_prefetch(&level[place /= 4], 1);
  }

 private:
  /// Four sums side by side in a binary tree: one cache line. The two above them are not kept but added when needed,
  /// which gives the same bits at half the lines.
  struct alignas(64) Four {
    std::array<Sum, 4> of;
    Sum left() const;
    Sum all() const;
  };
  std::vector<double> caps_;
  std::vector<LargeVector<Four>> levels_;  // the caps' own first; each next one sums four
  Sum total_;
};

}  // namespace sim
