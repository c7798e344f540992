#include <cmath>
#include <limits>
#include <numbers>

#include "experiments/report/statistics.h"
#include "tests/support/catch.h"

using namespace experiments;

TEST_CASE("Student's t agrees with the printed tables at 97.5 %") {
  // NIST/SEMATECH e-Handbook, 1.3.6.7.2: three decimals.
  const std::pair<int, double> table[] = {{1, 12.706}, {2, 4.303}, {3, 3.182}, {4, 2.776}, {9, 2.262}, {10, 2.228}, {30, 2.042}, {100, 1.984}};
  for (const auto& [degrees, t] : table) CHECK(student_t(0.95, degrees) == Approx(t).margin(5.1e-4));
}

TEST_CASE("Student's t for one and two degrees of freedom is its closed form, for any coverage") {
  for (double coverage : {0.01, 0.5, 0.9, 0.95, 0.999}) {
    CHECK(student_t(coverage, 1) == Approx(std::tan(std::numbers::pi * coverage / 2)).epsilon(1e-12));
    CHECK(student_t(coverage, 2) == Approx(coverage * std::sqrt(2 / (1 - coverage * coverage))).epsilon(1e-12));
  }
}

TEST_CASE("Student's t with many degrees of freedom is the normal quantile") {
  CHECK(student_t(0.95, 100000) == Approx(1.959963985).margin(3e-5));  // off by (z³ + z) / 4ν
}

TEST_CASE("the interval of a mean is t times the standard error") {
  const Estimate e = estimate({1, 2, 3});  // deviation 1, so the standard error is 1/√3
  CHECK(e.mean == 2);
  CHECK(e.count == 3);
  CHECK(e.half_width.value() == Approx(4.30265273 / std::sqrt(3.0)).epsilon(1e-9));
  CHECK(estimate({4, 4}).half_width.value() == 0);
}

TEST_CASE("one value has no interval, none has no mean, and a value that is not finite has neither") {
  CHECK_FALSE(estimate({5}).half_width);
  CHECK(estimate({5}).mean == 5);
  CHECK(std::isnan(estimate({}).mean));
  const Estimate broken = estimate({1, std::numeric_limits<double>::quiet_NaN()});
  CHECK(std::isnan(broken.mean));
  CHECK_FALSE(broken.half_width);
}
