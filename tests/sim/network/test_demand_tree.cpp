#include "sim/network/demand_tree.h"

#include <limits>

#include "sim/random.h"
#include "tests/support/catch.h"

using namespace sim;

namespace {

/// The sum of a binary tree over `leaves` (a power of two of them) from `first` on: each half by itself, then both.
double in_halves(const std::vector<double>& leaves, size_t first, size_t count) {
  if (count == 1) return first < leaves.size() ? leaves[first] : 0.0;
  return in_halves(leaves, first, count / 2) + in_halves(leaves, first + count / 2, count / 2);
}

}  // namespace

TEST_CASE("sums of demand are rounded as those of a binary tree, and those below a cap take its whole subtrees in") {
  const size_t count = GENERATE(as<size_t>{}, 1, 2, 3, 4, 5, 8, 16, 17, 33, 64, 200);
  const RandomStream draw(5, "demand", count);
  std::vector<double> caps, sums(count);
  for (size_t i = 0; i < count; ++i) caps.push_back(static_cast<double>(i) + draw.uniform(i));
  std::vector<double> flows(count);
  DemandTree tree(caps);
  size_t leaves = 1;
  while (leaves < count) leaves *= 2;
  for (uint64_t change = 0; change < 300; ++change) {
    const size_t place = draw.below(count, 2 * change);
    flows[place] = static_cast<double>(draw.below(4, 2 * change + 1));
    sums[place] = caps[place] * flows[place];
    tree.set(place, caps[place], flows[place]);
    REQUIRE(tree.total().caps == in_halves(sums, 0, leaves));
    for (size_t end = 0; end <= count; ++end) {
      double expected = 0.0;  // the subtrees left of `end`, from the smallest on
      double below = 0.0;
      for (size_t size = 1, rest = end; rest > 0; size *= 2) {
        if ((rest & size) == 0) continue;
        rest -= size;
        expected += in_halves(sums, rest, size);
      }
      for (size_t i = 0; i < end; ++i) below += flows[i];
      REQUIRE(tree.below(end).caps == expected);
      REQUIRE(tree.below(end).weight == below);
      REQUIRE(tree.weight_above(end) == tree.total().weight - below);  // whole numbers
    }
  }
}

TEST_CASE("no flow of an unlimited link adds nothing to the demand, and one makes it infinite") {
  DemandTree tree({1.0, std::numeric_limits<double>::infinity()});
  tree.set(1, tree.caps()[1], 0);
  tree.set(0, 1.0, 2);
  CHECK(tree.total().caps == 2.0);
  tree.set(1, tree.caps()[1], 1);
  CHECK(tree.total().caps == std::numeric_limits<double>::infinity());
  CHECK(tree.below(1).caps == 2.0);
}

TEST_CASE("nothing weighs above the last flow, whatever rounding leaves of the total") {
  DemandTree tree({1.0, 2.0, 3.0, 4.0, 5.0});
  tree.set(0, 1.0, 0.1);
  tree.set(1, 2.0, 0.2);
  tree.set(2, 3.0, 0.3);
  CHECK(tree.weight_above(0) == tree.total().weight);
  CHECK(tree.weight_above(2) == 0.3);
  CHECK(tree.weight_above(3) == 0.0);
  CHECK(tree.weight_above(5) == 0.0);
}
