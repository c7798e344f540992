#include "models/data/dirichlet.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "tests/support/catch.h"
#include "tests/support/hash_random.h"

using namespace models;

namespace {

/// Largest distance of the draws' distribution from `cdf` (Kolmogorov–Smirnov), times √n: above 2.2 once in 10^4 seeds.
double ks(double shape, const std::function<double(double)>& cdf) {
  const HashRandom random(11);
  std::vector<double> draws(400000);
  for (size_t i = 0; i < draws.size(); ++i) draws[i] = std::exp(log_gamma_draw(shape, random, i));
  std::sort(draws.begin(), draws.end());
  const auto n = static_cast<double>(draws.size());
  double distance = 0;
  for (size_t i = 0; i < draws.size(); ++i) {
    const double p = cdf(draws[i]), rank = static_cast<double>(i);
    distance = std::max({distance, p - rank / n, (rank + 1) / n - p});
  }
  return distance * std::sqrt(n);
}

double sum(const std::vector<double>& parts) { return std::accumulate(parts.begin(), parts.end(), 0.0); }

}  // namespace

TEST_CASE("gamma draws have the gamma distribution where it has a closed form") {
  CHECK(ks(0.5, [](double x) { return std::erf(std::sqrt(x)); }) < 2.2);
  CHECK(ks(1, [](double x) { return 1 - std::exp(-x); }) < 2.2);
  CHECK(ks(2, [](double x) { return 1 - (1 + x) * std::exp(-x); }) < 2.2);
  CHECK(ks(4, [](double x) { return 1 - (1 + x * (1 + x / 2 * (1 + x / 3))) * std::exp(-x); }) < 2.2);
}

TEST_CASE("Dirichlet proportions add up to 1 and have the distribution's mean and variance") {
  const HashRandom random(3);
  for (const double concentration : {0.1, 0.5, 3.0, 100.0}) {
    const int64_t count = 5, draws = 20000;
    double mean = 0, square = 0, worst = 0;
    for (int64_t i = 0; i < draws; ++i) {
      const auto parts = dirichlet_draw(concentration, count, random, static_cast<uint64_t>(i * count));
      worst = std::max(worst, std::abs(sum(parts) - 1));
      mean += parts[2] / static_cast<double>(draws);
      square += parts[2] * parts[2] / static_cast<double>(draws);
    }
    const double k = static_cast<double>(count);
    const double variance = (1 / k) * (1 - 1 / k) / (k * concentration + 1);
    CHECK(worst < 1e-14);
    CHECK(mean == Approx(1 / k).margin(5 * std::sqrt(variance / static_cast<double>(draws))));
    CHECK(square - mean * mean ==
          Approx(variance).epsilon(0.08));  // its own relative error is below 2.5 % in each case
  }
}

TEST_CASE("a tiny concentration gives one part everything, not a division by zero") {
  const HashRandom random;
  for (uint64_t i = 0; i < 100; ++i) {
    const auto parts = dirichlet_draw(1e-5, 8, random, i * 8);
    CHECK(sum(parts) == Approx(1));
    CHECK(*std::max_element(parts.begin(), parts.end()) > 0.999);
  }
}

TEST_CASE("things are apportioned by largest remainder") {
  CHECK(apportion(10, {0.25, 0.25, 0.5}) ==
        std::vector<int64_t>{3, 2, 5});                                   // 2.5, 2.5, 5: a tie goes to the lower index
  CHECK(apportion(3, {0.1, 0.3, 0.6}) == std::vector<int64_t>{0, 1, 2});  // 0.3, 0.9, 1.8
  CHECK(apportion(0, {0.5, 0.5}) == std::vector<int64_t>{0, 0});
  CHECK(apportion(7, {1.0, 0.0}) == std::vector<int64_t>{7, 0});
}

TEST_CASE("apportioned parts are their shares rounded up or down and add up to the whole") {
  const HashRandom random(5);
  bool add_up = true, near = true;
  for (uint64_t i = 0; i < 2000; ++i) {
    const auto proportions = dirichlet_draw(0.3, 7, random, i * 7);
    const auto total = static_cast<int64_t>(random.below(1000, 1u << 20, i));
    const auto parts = apportion(total, proportions);
    add_up &= std::accumulate(parts.begin(), parts.end(), int64_t{0}) == total;
    for (size_t j = 0; j < parts.size(); ++j) {
      near &= std::abs(static_cast<double>(parts[j]) - proportions[j] * static_cast<double>(total)) < 1 + 1e-9;
    }
  }
  CHECK(add_up);
  CHECK(near);
}
