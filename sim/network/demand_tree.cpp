#include "sim/network/demand_tree.h"

#include <utility>

namespace sim {
namespace {
DemandTree::Sum plus(const DemandTree::Sum& a, const DemandTree::Sum& b) {
  return {a.caps + b.caps, a.flows + b.flows};
}
}  // namespace

DemandTree::DemandTree(std::vector<double> caps) : caps_(std::move(caps)) {
  while (leaves_ < caps_.size()) leaves_ *= 2;
  nodes_.resize(2 * leaves_);
}

void DemandTree::set(size_t cap, int64_t flows) {
  size_t i = leaves_ + cap;
  nodes_[i] = {flows == 0 ? 0.0 : caps_[cap] * static_cast<double>(flows), flows};  // 0 · ∞ is no number
  for (i /= 2; i >= 1; i /= 2) nodes_[i] = plus(nodes_[2 * i], nodes_[2 * i + 1]);
}

DemandTree::Sum DemandTree::below(size_t end) const {
  Sum sum;
  for (size_t low = leaves_, high = leaves_ + end; low < high; low /= 2, high /= 2) {
    if (low & 1) sum = plus(sum, nodes_[low++]);
    if (high & 1) sum = plus(sum, nodes_[--high]);
  }
  return sum;
}

}  // namespace sim
