#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

namespace sim {

/// Counts of whole numbers ≥ 0 in buckets: exact below 1024, beyond that 512 to each doubling, so that a quantile is
/// right to 0.2 %; mean, least and most are exact. Of constant size, whatever is added.
class Distribution {
 public:
  void add(int64_t value) {
    const size_t at = bucket(value);
    if (at >= counts_.size()) counts_.resize(at + 1);
    ++counts_[at];
    least_ = count_ == 0 ? value : std::min(least_, value);
    most_ = std::max(most_, value);
    sum_ += static_cast<double>(value);
    ++count_;
  }
  int64_t count() const { return count_; }
  int64_t least() const { return least_; }
  int64_t most() const { return most_; }
  /// Empty where nothing was added.
  std::optional<double> mean() const {
    if (count_ == 0) return std::nullopt;
    return sum_ / static_cast<double>(count_);
  }
  /// The smallest value with at least `share` ∈ (0, 1] of all at or below it, to the bucket's upper end. 0 where
  /// nothing was added.
  int64_t quantile(double share) const {
    int64_t below = 0;
    for (size_t at = 0; at < counts_.size(); ++at) {
      below += counts_[at];
      if (static_cast<double>(below) >= share * static_cast<double>(count_)) return std::min(last_of(at), most_);
    }
    return most_;
  }

 private:
  static constexpr int kExactBits = 10, kBits = 9;
  static size_t bucket(int64_t value) {
    const uint64_t v = static_cast<uint64_t>(std::max<int64_t>(value, 0));
    if (v >> kExactBits == 0) return v;
    const int shift = static_cast<int>(std::bit_width(v)) - 1 - kBits;
    return (size_t{1} << kExactBits) + static_cast<size_t>(shift - 1) * (size_t{1} << kBits) +
           ((v >> shift) - (uint64_t{1} << kBits));
  }
  static int64_t last_of(size_t bucket) {
    if (bucket < size_t{1} << kExactBits) return static_cast<int64_t>(bucket);
    const size_t above = bucket - (size_t{1} << kExactBits);
    const int shift = static_cast<int>(above >> kBits) + 1;
    const uint64_t head = (above & ((size_t{1} << kBits) - 1)) + (uint64_t{1} << kBits);
    return static_cast<int64_t>(((head + 1) << shift) - 1);
  }
  std::vector<int64_t> counts_;
  int64_t count_ = 0, least_ = 0, most_ = 0;
  double sum_ = 0;
};

}  // namespace sim
