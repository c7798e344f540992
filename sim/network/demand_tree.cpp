#include "sim/network/demand_tree.h"

#include <utility>

namespace sim {
namespace {
DemandTree::Sum plus(const DemandTree::Sum& a, const DemandTree::Sum& b) {
  return {a.caps + b.caps, a.weight + b.weight};
}
}  // namespace

DemandTree::Sum DemandTree::Four::left() const { return plus(of[0], of[1]); }
DemandTree::Sum DemandTree::Four::all() const { return plus(left(), plus(of[2], of[3])); }

DemandTree::DemandTree(std::vector<double> caps) : caps_(std::move(caps)) {
  for (size_t nodes = caps_.size(); nodes > 1;) levels_.emplace_back(nodes = (nodes + 3) / 4);
}

void DemandTree::set(size_t place, double cap, double weight) {
  Sum sum{weight == 0.0 ? 0.0 : cap * weight, weight};  // 0 · ∞ is no number
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

double DemandTree::weight_above(size_t end) const {
  if (end == 0) return total_.weight;
  if (end == caps_.size()) return 0.0;
  double weight = levels_.front()[end / 4].of[end % 4].weight;
  for (const auto& level : levels_) {
    const Four& four = level[end / 4];
    for (size_t i = end % 4 + 1; i < 4; ++i) weight += four.of[i].weight;
    end /= 4;
  }
  return weight;
}

}  // namespace sim
