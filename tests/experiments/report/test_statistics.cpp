#include <cmath>
#include <limits>
#include <numbers>

#include "experiments/report/statistics.h"
#include "tests/support/catch.h"

using namespace experiments;

TEST_CASE("Student's t agrees with the printed tables at 97.5 %") {
  // NIST/SEMATECH e-Handbook, 1.3.6.7.2: three decimals.
  const std::pair<int, double> table[] = {{1, 12.706}, {2, 4.303},  {3, 3.182},  {4, 2.776},
                                          {9, 2.262},  {10, 2.228}, {30, 2.042}, {100, 1.984}};
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

TEST_CASE("a p value is what the quantile leaves over, and its closed form for one and two degrees of freedom") {
  for (int degrees : {1, 2, 3, 7, 20})
    for (double coverage : {0.1, 0.8, 0.95, 0.999}) {
      CHECK(student_p(student_t(coverage, degrees), degrees) == Approx(1 - coverage).epsilon(1e-9));
      CHECK(student_p(-student_t(coverage, degrees), degrees) == Approx(1 - coverage).epsilon(1e-9));
    }
  for (double t : {0.0, 0.5, 3.0}) {
    CHECK(student_p(t, 1) == Approx(1 - 2 / std::numbers::pi * std::atan(t)).epsilon(1e-12));
    CHECK(student_p(t, 2) == Approx(1 - t / std::sqrt(2 + t * t)).epsilon(1e-12));
  }
  CHECK(student_p(std::numeric_limits<double>::infinity(), 3) == 0);
}

TEST_CASE("the paired test is Student's sleep data's: p = 0.00283") {
  // Student 1908, "The probable error of a mean": extra hours of sleep of ten patients under two drugs; R's
  // t.test(paired = TRUE).
  const std::vector<double> first = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0},
                            second = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};
  std::vector<double> differences;
  for (size_t i = 0; i < first.size(); ++i) differences.push_back(first[i] - second[i]);
  CHECK(paired_p(differences).value() == Approx(0.002832890197384).epsilon(1e-9));
  CHECK(paired_p({2, 2, 2}) == 0.0);
  CHECK(paired_p({0, 0}) == 1.0);
  CHECK_FALSE(paired_p({1}));
  CHECK_FALSE(paired_p({1, std::numeric_limits<double>::quiet_NaN()}));
}

TEST_CASE("a ratio is the geometric mean of the pairs, its interval that of their logarithms, and so above zero") {
  const std::vector<double> above = {10, 12, 11.5, 9}, below = {4, 5.5, 5, 4.2};
  const Ratio r = paired_ratio(above, below);
  CHECK(r.mean == Approx(std::pow(10.0 * 12 * 11.5 * 9 / (4 * 5.5 * 5 * 4.2), 0.25)));
  CHECK(r.count == 4);
  CHECK((*r.low < r.mean && r.mean < *r.high));
  CHECK(*r.low * *r.high == Approx(r.mean * r.mean));
  // Where the ends are divided by it, the test is at 5 %: the interval excludes 1 exactly where p is below.
  for (const double end : {*r.low, *r.high}) {
    std::vector<double> scaled;
    for (const double value : below) scaled.push_back(value * end);
    CHECK(paired_ratio(above, scaled).p.value() == Approx(0.05).epsilon(1e-6));
  }
  CHECK(*paired_ratio({1, 100, 1e6}, {1e6, 1, 1}).low > 0);
  CHECK(paired_ratio(below, above).mean == Approx(1 / r.mean));
}

TEST_CASE("a ratio to itself is 1 without doubt, and to one seed it has no interval and may be 1") {
  const Ratio same = paired_ratio({8, 9, 10}, {8, 9, 10});
  CHECK((same.mean == 1 && same.low == 1.0 && same.high == 1.0 && same.p == 1.0));
  CHECK(may_be_one(same));
  const Ratio one = paired_ratio({3}, {2});
  CHECK((one.mean == 1.5 && !one.low && !one.p));
  CHECK(may_be_one(one));
  CHECK_FALSE(may_be_one(paired_ratio({8, 8.1, 8.2}, {2, 2, 2})));
}
