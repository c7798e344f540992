#include <limits>

#include "experiments/report/curves.h"
#include "tests/experiments/report/run_of.h"
#include "tests/support/catch.h"

using namespace experiments;
using tests::run_of;

namespace {
double seconds(const Counters& at) { return sim::to_seconds(at.time); }
}  // namespace

TEST_CASE("the mean of seeds on straight lines is the mean line, whatever their evaluation times") {
  // Losses 10 − x and 8 − x, evaluated at different times: the mean is 9 − x wherever both are known.
  const RunLog a = run_of("m", 1, {{0, 10}, {3, 7}, {6, 4}}), b = run_of("m", 2, {{0, 8}, {1, 7}, {5, 3}, {8, 0}});
  const auto curve = mean_curve({&a, &b}, seconds, 100);
  std::vector<double> xs;
  for (const CurvePoint& p : curve) {
    xs.push_back(p.x);
    CHECK(p.mean == Approx(9 - p.x));
    CHECK(p.high - p.mean == Approx(12.7062047));  // t(1 degree) · standard error 1
    CHECK(p.mean - p.low == Approx(12.7062047));
  }
  CHECK_THAT(xs, Catch::Matchers::Approx(std::vector<double>{0, 1, 3, 5, 6}));  // up to where the shorter ends
}

TEST_CASE("a curve ends where its loss stops being finite, and one that never is finite is empty") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const RunLog a = run_of("m", 1, {{0, 10}, {3, 7}, {6, nan}, {9, 2}}), b = run_of("m", 1, {{0, nan}});
  CHECK(mean_curve({&a}, seconds, 100).back().x == Approx(3));
  CHECK(mean_curve({&b}, seconds, 100).empty());
  CHECK(mean_curve({&a, &b}, seconds, 100).empty());
}

TEST_CASE("a thinned curve keeps its ends") {
  RunLog run = run_of("m", 1, {{0, 1}});
  for (int i = 1; i < 1000; ++i) run.evaluations.push_back({{.time = sim::Time{std::chrono::seconds{i}}}, 1.0, {}});
  const auto curve = mean_curve({&run}, seconds, 50);
  CHECK(curve.size() == 50);
  CHECK(curve.front().x == 0);
  CHECK(curve.back().x == Approx(999));
}

TEST_CASE("of several evaluations at one place the last counts") {
  const RunLog run = run_of("m", 1, {{0, 5}, {4, 3}, {4, 2}});
  const auto curve = mean_curve({&run}, seconds, 10);
  REQUIRE(curve.size() == 2);
  CHECK(curve[1].mean == 2);
}
