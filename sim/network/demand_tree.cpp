#include "sim/network/demand_tree.h"

#include <utility>

namespace sim {
namespace {
DemandTree::Sum plus(const DemandTree::Sum& a, const DemandTree::Sum& b) {
  return {a.caps + b.caps, a.flows + b.flows};
}
}  // namespace

DemandTree::Sum DemandTree::Four::left() const { return plus(of[0], of[1]); }
DemandTree::Sum DemandTree::Four::all() const { return plus(left(), plus(of[2], of[3])); }

DemandTree::DemandTree(std::vector<double> caps) : caps_(std::move(caps)) {
  for (size_t nodes = caps_.size(); nodes > 1;) levels_.emplace_back(nodes = (nodes + 3) / 4);
}

void DemandTree::set(size_t place, double cap, int64_t flows) {
  Sum sum{flows == 0 ? 0.0 : cap * static_cast<double>(flows), flows};  // 0 · ∞ is no number
  for (auto& level : levels_) {
    Four& four = level[place / 4];
    four.of[place % 4] = sum;
    sum = four.all();
    place /= 4;
  }
  total_ = sum;
}

DemandTree::Sum DemandTree::below(size_t end) const {
  if (end == caps_.size()) return total_;
  Sum sum;
  for (const auto& level : levels_) {
    const Four& four = level[end / 4];
    if (end & 1) sum = plus(sum, four.of[end & 2]);
    if (end & 2) sum = plus(sum, four.left());
    end /= 4;
  }
  return sum;
}

}  // namespace sim
