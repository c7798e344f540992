#include "sim/clock/distribution.h"

#include <vector>

#include "sim/random.h"
#include "tests/support/catch.h"

using sim::Distribution;

TEST_CASE("small values are counted exactly, large ones to a fifth of a percent") {
  Distribution small;
  for (int64_t v = 0; v < 1000; ++v) small.add(v);
  CHECK(small.quantile(0.5) == 499);
  CHECK(small.quantile(0.99) == 989);
  CHECK(small.mean() == 499.5);
  CHECK(small.least() == 0);
  CHECK(small.most() == 999);

  const sim::RandomStream draw(1, "distribution test");
  Distribution large;
  std::vector<int64_t> values;
  for (uint64_t i = 0; i < 20'000; ++i) {
    values.push_back(static_cast<int64_t>(draw.below(uint64_t{1} << (1 + draw.below(62, 2 * i)), 2 * i + 1)));
    large.add(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double share : {0.1, 0.5, 0.9, 0.99, 1.0}) {
    const int64_t exact = values[static_cast<size_t>(share * 20'000) - 1];
    CHECK(large.quantile(share) >= exact);
    CHECK(static_cast<double>(large.quantile(share)) <= 1.002 * static_cast<double>(exact) + 1);
  }
  CHECK(large.quantile(1.0) == values.back());
}

TEST_CASE("a distribution of nothing has no mean") {
  CHECK_FALSE(Distribution().mean().has_value());
  CHECK(Distribution().quantile(0.5) == 0);
}
