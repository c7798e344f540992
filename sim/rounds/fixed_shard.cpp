#include <stdexcept>
#include <string>

#include "sim/rounds/shard_choice.h"

namespace sim {
namespace {

class FixedShard final : public ShardChoice {
 public:
  explicit FixedShard(int shards) : shards_(shards) {}
  int choose(NodeId worker, int64_t) override { return worker % shards_; }
  void assigned(int, int64_t) override {}

 private:
  int shards_;
};

}  // namespace

std::unique_ptr<ShardChoice> make(ChooseFixed, const ShardChoiceContext& context) {
  const int shards = static_cast<int>(context.sizes.size());
  if (shards < 1) throw std::invalid_argument("shard choice: " + std::to_string(shards) + " shards; at least 1");
  return std::make_unique<FixedShard>(shards);
}

}  // namespace sim
