#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

#include "sim/rounds/shard_choice.h"

namespace sim {
namespace {

class UnderProgressed final : public ShardChoice {
 public:
  UnderProgressed(std::vector<int64_t> sizes, uint64_t seed)
      : sizes_(std::move(sizes)), assigned_(sizes_.size(), 0), draws_(seed, "shard choice") {}

  int choose(NodeId worker, int64_t round) override {
    const std::vector<double> p = weights();
    const double target = draws_.of(static_cast<uint64_t>(worker)).uniform(static_cast<uint64_t>(round)) *
                          std::accumulate(p.begin(), p.end(), 0.0);
    double sum = 0.0;
    int last = 0;  // where rounding leaves the target at the very end
    for (size_t i = 0; i < p.size(); ++i) {
      if (p[i] == 0.0) continue;
      last = static_cast<int>(i);
      sum += p[i];
      if (target < sum) break;
    }
    return last;
  }

  void assigned(int shard, int64_t examples) override { assigned_.at(static_cast<size_t>(shard)) += examples; }

 private:
  static double total(const std::vector<int64_t>& counts) {
    return static_cast<double>(std::accumulate(counts.begin(), counts.end(), int64_t{0}));
  }

  /// Not normalised. Equal fractions divide to equal doubles, so shards exactly on their share get exactly 0.
  std::vector<double> weights() const {
    const double all = total(sizes_);
    const double done = total(assigned_);
    std::vector<double> p(sizes_.size(), 0.0);
    if (done > 0.0)
      for (size_t i = 0; i < p.size(); ++i)
        p[i] = std::max(static_cast<double>(sizes_[i]) / all - static_cast<double>(assigned_[i]) / done, 0.0);
    if (std::all_of(p.begin(), p.end(), [](double x) { return x == 0.0; })) p.assign(sizes_.begin(), sizes_.end());
    return p;
  }

  std::vector<int64_t> sizes_;
  std::vector<int64_t> assigned_;
  RandomStream draws_;
};

}  // namespace

std::unique_ptr<ShardChoice> make(ChooseUnderProgressed, ShardChoiceContext context) {
  const std::vector<int64_t>& shard_sizes = context.sizes;
  for (size_t i = 0; i < shard_sizes.size(); ++i)
    if (shard_sizes[i] < 0)
      throw std::invalid_argument("shard choice: size " + std::to_string(shard_sizes[i]) + " of shard " +
                                  std::to_string(i) + " is negative; at least 0");
  if (std::all_of(shard_sizes.begin(), shard_sizes.end(), [](int64_t size) { return size == 0; }))
    throw std::invalid_argument("shard choice: none of " + std::to_string(shard_sizes.size()) +
                                " shards has an example; at least one must");
  return std::make_unique<UnderProgressed>(std::move(context.sizes), context.seed);
}

}  // namespace sim
