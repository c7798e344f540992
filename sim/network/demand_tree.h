#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sim {

/// How many flows have which cap, for sums over all caps below a level in O(log caps). The sums are made anew from
/// their halves at every change, so that no rounding error builds up.
class DemandTree {
 public:
  struct Sum {
    double caps = 0.0;  ///< of the flows' caps
    int64_t flows = 0;
  };
  /// `caps` ascending; +∞ is allowed.
  explicit DemandTree(std::vector<double> caps);
  std::span<const double> caps() const { return caps_; }
  void set(size_t cap, int64_t flows);
  Sum total() const { return nodes_[1]; }
  /// Over the caps with index below `end`.
  Sum below(size_t end) const;

 private:
  std::vector<double> caps_;
  size_t leaves_ = 1;       // a power of two
  std::vector<Sum> nodes_;  // node i has the halves 2i and 2i + 1; the leaves come last
};

}  // namespace sim
