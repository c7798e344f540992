#pragma once
#include <cstdint>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/random.h"
#include "sim/units.h"

namespace sim {

/// Which data shard a ready worker trains on. Counts at dispatch. The random draw behind a choice is a function of
/// (seed, worker, round) alone, so that another order of events does not change it; what it is compared with (the
/// shards' progress) may differ.
class ShardChoice {
 public:
  virtual ~ShardChoice() = default;
  /// Shard for this worker's `round`-th dispatch (from 0).
  virtual int choose(NodeId, int64_t round) = 0;
  /// The chosen shard has been assigned `examples` more training examples (tokens).
  virtual void assigned(int shard, int64_t examples) = 0;
};

// All makers throw std::invalid_argument unless there is a shard, no size is negative and some size is positive.

struct ShardChoiceContext {
  std::vector<int64_t> sizes;  ///< |D_i|
  uint64_t seed = 0;
};

/// p_i ∝ max(|D_i|/Σ|D_j| − n_i/Σ n_j, 0); where Σ n_j = 0 or every p_i is 0, p_i ∝ |D_i|. Source: Liu et al. 2024,
/// Eq. 2.
struct ChooseUnderProgressed {
  static constexpr std::string_view name = "under-progressed";
  bool operator==(const ChooseUnderProgressed&) const = default;
};
std::unique_ptr<ShardChoice> make(ChooseUnderProgressed, ShardChoiceContext);

/// Uniform among the shards assigned the fewest rounds; what the authors' notebook does.
struct ChooseLeastVisited {
  static constexpr std::string_view name = "least-visited";
  bool operator==(const ChooseLeastVisited&) const = default;
};
std::unique_ptr<ShardChoice> make(ChooseLeastVisited, const ShardChoiceContext&);

/// Worker i always trains on shard i mod shards (federated).
struct ChooseFixed {
  static constexpr std::string_view name = "fixed";
  bool operator==(const ChooseFixed&) const = default;
};
std::unique_ptr<ShardChoice> make(ChooseFixed, const ShardChoiceContext&);

/// Every shard choice there is. None has settings: in a file its name stands for it.
using ShardChoiceKind = std::variant<ChooseUnderProgressed, ChooseLeastVisited, ChooseFixed>;

}  // namespace sim
