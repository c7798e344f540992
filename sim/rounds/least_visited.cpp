#include <algorithm>
#include <stdexcept>
#include <string>

#include "sim/rounds/shard_choice.h"

namespace sim {
namespace {

class LeastVisited final : public ShardChoice {
 public:
  LeastVisited(int shards, uint64_t seed) : visits_(static_cast<size_t>(shards), 0), draws_(seed, "shard choice") {}

  int choose(NodeId worker, int64_t round) override {
    const int64_t fewest = *std::min_element(visits_.begin(), visits_.end());
    std::vector<int> candidates;
    for (size_t i = 0; i < visits_.size(); ++i)
      if (visits_[i] == fewest) candidates.push_back(static_cast<int>(i));
    return candidates[draws_.of(static_cast<uint64_t>(worker)).below(candidates.size(), static_cast<uint64_t>(round))];
  }

  void assigned(int shard, int64_t) override { ++visits_.at(static_cast<size_t>(shard)); }

 private:
  std::vector<int64_t> visits_;  // rounds assigned, a shard
  RandomStream draws_;
};

}  // namespace

std::unique_ptr<ShardChoice> make(ChooseLeastVisited, const ShardChoiceContext& context) {
  const int shards = static_cast<int>(context.sizes.size());
  if (shards < 1) throw std::invalid_argument("shard choice: " + std::to_string(shards) + " shards; at least 1");
  return std::make_unique<LeastVisited>(shards, context.seed);
}

}  // namespace sim
