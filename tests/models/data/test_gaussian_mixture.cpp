#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "models/data/gaussian_mixture.h"
#include "tests/support/catch.h"
#include "tests/support/hash_random.h"

using namespace models;

namespace {

const GaussianMixtureConfig kSmall{.classes = 3, .clusters = 2, .dimensions = 40, .noise = 0.5, .points = 6000};

/// Mean of the points of each of the Gaussians, [classes · clusters, D].
std::vector<double> cluster_means(const LabelledPoints& points, int64_t gaussians) {
  const int64_t D = points.dimensions;
  std::vector<double> means(static_cast<size_t>(gaussians * D));
  for (int64_t i = 0; i < points.size(); ++i)
    for (int64_t d = 0; d < D; ++d)
      means[(i % gaussians) * D + d] +=
          points.features[i * D + d] * static_cast<double>(gaussians) / static_cast<double>(points.size());
  return means;
}

}  // namespace

TEST_CASE("every Gaussian of the mixture has as many points as any other, and every class as many clusters") {
  const HashRandom random;
  const LabelledPoints points = draw_points(kSmall, random);
  REQUIRE(points.size() == 6000);
  REQUIRE(points.features.size() == 6000 * 40);
  for (int32_t label = 0; label < 3; ++label)
    CHECK(std::count(points.labels.begin(), points.labels.end(), label) == 2000);
  for (int64_t i = 0; i < points.size(); ++i) REQUIRE(points.labels[i] == i % 6 % 3);
}

TEST_CASE("the clusters lie around centres of length 1 with the given deviation in every coordinate") {
  const HashRandom random;
  const LabelledPoints points = draw_points(kSmall, random);
  const auto means = cluster_means(points, 6);
  // 1000 points a cluster: a mean's coordinate deviates by 0.5/√1000 = 0.016, its squared length by about 0.03.
  for (int c = 0; c < 6; ++c) {
    double squares = 0.0;
    for (int d = 0; d < 40; ++d) squares += means[c * 40 + d] * means[c * 40 + d];
    CHECK(squares == Approx(1.0).margin(0.15));
  }
  double variance = 0.0;
  for (int64_t i = 0; i < points.size(); ++i)
    for (int d = 0; d < 40; ++d) variance += std::pow(points.features[i * 40 + d] - means[i % 6 * 40 + d], 2);
  variance /= 6000.0 * 40;
  CHECK(std::sqrt(variance) == Approx(0.5).epsilon(0.01));  // 240,000 draws: 0.15 % standard error
}

TEST_CASE("a mixture without noise is its centres, each at length 1 to rounding and different from the others") {
  const HashRandom random;
  GaussianMixtureConfig config = kSmall;
  config.noise = 0.0;
  config.points = 12;
  const LabelledPoints points = draw_points(config, random);
  for (int i = 0; i < 6; ++i) {
    const float* const x = points.features.data() + i * 40;
    CHECK(std::inner_product(x, x + 40, x, 0.0) == Approx(1.0).epsilon(1e-5));
    CHECK(std::equal(x, x + 40, points.features.data() + (i + 6) * 40));
    for (int j = 0; j < i; ++j) CHECK_FALSE(std::equal(x, x + 40, points.features.data() + j * 40));
  }
}

TEST_CASE("dealing points gives each to one shard, sizes equal to within one, every shard a mix of classes") {
  const HashRandom random;
  const auto shards = deal_points(1001, 4, random);
  std::set<int32_t> seen;
  for (const auto& shard : shards) {
    CHECK((shard.size() == 250 || shard.size() == 251));
    seen.insert(shard.begin(), shard.end());
    // 250 draws without repetition of 250 in 1001: multiples of 4 number 62 ± 7; all or none would be a dealing in
    // order.
    const auto fours = std::count_if(shard.begin(), shard.end(), [](int32_t p) { return p % 4 == 0; });
    CHECK(fours > 30);
    CHECK(fours < 95);
  }
  CHECK(seen.size() == 1001);
}

TEST_CASE("an epoch of a shard's batches meets each of its points once, in another order the next time") {
  const HashRandom random;
  LabelledPoints points;
  points.dimensions = 1;
  for (int i = 0; i < 40; ++i) {
    points.features.push_back(static_cast<float>(i));
    points.labels.push_back(i % 7);
  }
  std::vector<int32_t> shard{3, 5, 8, 13, 21, 34, 2, 1, 39};  // 9 points, batches of 6: a batch spans two epochs
  const PointBatches batches(points, shard, random, 2);
  std::vector<int32_t> order;
  Batch batch;
  for (int64_t index = 0; index < 6; ++index) {
    batches.fill(6 * index, 6, batch);
    REQUIRE(batch.sequences == 6);
    REQUIRE(batch.length == 1);
    REQUIRE(batch.features.size() == 6);
    for (size_t row = 0; row < 6; ++row) {
      order.push_back(static_cast<int32_t>(batch.features[row]));
      CHECK(batch.targets[row] == order.back() % 7);
    }
  }
  std::sort(shard.begin(), shard.end());
  std::set<std::vector<int32_t>> orders;
  for (int epoch = 0; epoch < 4; ++epoch) {
    std::vector<int32_t> one(order.begin() + epoch * 9, order.begin() + (epoch + 1) * 9);
    orders.insert(one);
    std::sort(one.begin(), one.end());
    CHECK(one == shard);
  }
  CHECK(orders.size() == 4);
  Batch again;
  batches.fill(18, 6, again);
  batches.fill(0, 6, batch);
  batches.fill(18, 6, batch);
  CHECK(again.features == batch.features);
}

TEST_CASE("a sample of points has no point twice, and all of them when none are counted") {
  const HashRandom random;
  LabelledPoints points;
  points.dimensions = 1;
  for (int i = 0; i < 100; ++i) {
    points.features.push_back(static_cast<float>(i));
    points.labels.push_back(0);
  }
  for (const int64_t count : {0, 7, 100, 5000}) {
    std::set<float> seen;
    size_t taken = 0;
    for (const Batch& batch : sample_points(points, count, 16, random)) {
      CHECK(batch.targets.size() <= 16);
      taken += batch.targets.size();
      seen.insert(batch.features.begin(), batch.features.end());
    }
    CHECK(taken == (count == 7 ? 7 : 100));
    CHECK(seen.size() == taken);
  }
}
