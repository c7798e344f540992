#include "sim/workers/profile.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/support/catch.h"

using namespace sim;

namespace {

std::vector<double> factors(const Profile& profile, int64_t count) {
  std::vector<double> all;
  for (int64_t i = 0; i < count; ++i) all.push_back(seconds_factor(profile, i, count));
  return all;
}

double mean(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double v : values) sum += v / static_cast<double>(values.size());
  return sum;
}

}  // namespace

TEST_CASE("the profile very is the published notebook's four speeds, again and again") {
  CHECK(factors(VeryProfile{}, 6) == std::vector<double>{0.58, 0.75, 1.51, 3.33, 0.58, 0.75});
}

TEST_CASE("none, slight, moderate and very have one mean, and deviations of 0, 1/3, 2/3 and 1 times very's") {
  const std::vector<Profile> profiles{NoneProfile{}, SlightProfile{}, ModerateProfile{}, VeryProfile{}};
  for (size_t p = 0; p < profiles.size(); ++p) {
    const std::vector<double> all = factors(profiles[p], 8);
    CHECK(mean(all) == Approx(1.5425).epsilon(1e-12));
    for (size_t i = 0; i < 8; ++i) {
      const double share = static_cast<double>(p) / 3.0;
      // Two decimals that keep the sum.
      CHECK(std::abs(all[i] - 1.5425 - share * (factors(VeryProfile{}, 8)[i] - 1.5425)) < 0.006);
    }
  }
}

TEST_CASE("one-slow slows the last worker, linear runs from 1 to its ratio") {
  CHECK(factors(OneSlowProfile{3.0}, 4) == std::vector<double>{1, 1, 1, 3});
  CHECK(factors(LinearProfile{4.0}, 4) == std::vector<double>{1, 2, 3, 4});
  CHECK(factors(LinearProfile{4.0}, 1) == std::vector<double>{1});
}

TEST_CASE("lognormal and pareto profiles have mean 1, and another seed is another cluster") {
  constexpr int64_t n = 100'000;
  CHECK(std::abs(mean(factors(LognormalProfile{0.5, 0}, n)) - 1.0) < 5.0 * std::sqrt(std::expm1(0.25) / n));
  CHECK(std::abs(mean(factors(ParetoProfile{4.0, 0}, n)) - 1.0) < 5.0 * std::sqrt(1.0 / 8.0 / n));
  CHECK(factors(LognormalProfile{0.5, 0}, 4) == factors(LognormalProfile{0.5, 0}, 4));
  CHECK(factors(LognormalProfile{0.5, 0}, 4) != factors(LognormalProfile{0.5, 1}, 4));
  CHECK(factors(ParetoProfile{4.0, 0}, 4) != factors(ParetoProfile{4.0, 1}, 4));
  const std::vector<double> few = factors(ParetoProfile{4.0, 0}, 4), more = factors(ParetoProfile{4.0, 0}, 9);
  CHECK(std::vector<double>(more.begin(), more.begin() + 4) == few);  // a larger cluster keeps its first workers
}

TEST_CASE("the profile halos is sixteen workers, the fastest 8.5 times as fast as the slowest") {
  const std::vector<double> all = factors(HalosProfile{}, 17);
  CHECK(all[0] == Approx(1 / 0.232));
  CHECK(all[15] == Approx(1 / 0.788));
  CHECK(all[16] == all[0]);
  CHECK(*std::max_element(all.begin(), all.end()) / *std::min_element(all.begin(), all.end()) == Approx(0.907 / 0.107));
}
