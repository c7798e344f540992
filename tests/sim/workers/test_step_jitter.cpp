#include "sim/workers/step_jitter.h"

#include <cmath>
#include <numbers>
#include <vector>

#include "tests/support/catch.h"

using namespace sim;

namespace {

constexpr int64_t kDraws = 200'000;

std::vector<double> draws(const JitterSpec& spec, uint64_t worker = 0) {
  const auto jitter = make_step_jitter(spec, RandomStream(11, "step-jitter", worker));
  std::vector<double> all;
  for (int64_t n = 0; n < kDraws; ++n) all.push_back(jitter->work(0, n, 1));
  return all;
}

double mean(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

/// Mean of (v − about)^power.
double moment(const std::vector<double>& values, double about, int power) {
  double sum = 0.0;
  for (const double v : values) sum += std::pow(v - about, power);
  return sum / static_cast<double>(values.size());
}

/// Share of the draws above x.
double tail(const std::vector<double>& values, double x) {
  double above = 0.0;
  for (const double v : values) above += v > x;
  return above / static_cast<double>(values.size());
}

/// Five standard errors (a false alarm in 2 million) of a share p.
double share_error(double p) { return 5.0 * std::sqrt(p * (1.0 - p) / kDraws); }

/// Mean and variance are the closed forms' within five standard errors, those of the variance from the sample's fourth
/// moment.
void check_moments(const JitterSpec& spec, double expected_mean, double variance) {
  const std::vector<double> all = draws(spec);
  CHECK(mean_of(spec) == Approx(expected_mean));
  CHECK(std::abs(mean(all) - expected_mean) < 5.0 * std::sqrt(variance / kDraws));
  const double second = moment(all, expected_mean, 2), fourth = moment(all, expected_mean, 4);
  CHECK(std::abs(second - variance) < 5.0 * std::sqrt((fourth - second * second) / kDraws));
}

double density(double z) { return std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi); }
double above(double z) { return 0.5 * std::erfc(z / std::numbers::sqrt2); }

}  // namespace

TEST_CASE("normal jitter is a normal cut at 0 and 2: mean 1 and the cut normal's variance") {
  for (const double deviation : {0.1, 0.5, 1.0, 5.0}) {
    CAPTURE(deviation);
    const double a = 1.0 / deviation, inside = 1.0 - 2.0 * above(a);
    check_moments(NormalJitter{deviation}, 1.0, deviation * deviation * (1.0 - 2.0 * a * density(a) / inside));
    const std::vector<double> all = draws(NormalJitter{deviation});
    for (const double m : all) REQUIRE((m >= 0.0 && m <= 2.0));
    const double p = (above(0.3 * a) - above(a)) / inside;
    CHECK(std::abs(tail(all, 1.3) - p) < share_error(p));
  }
}

TEST_CASE("lognormal jitter has mean 1, variance exp(σ²) − 1 and median exp(−σ²/2)") {
  for (const double sigma : {0.1, 0.5}) {
    CAPTURE(sigma);
    check_moments(LognormalJitter{sigma}, 1.0, std::expm1(sigma * sigma));
    CHECK(std::abs(tail(draws(LognormalJitter{sigma}), std::exp(-0.5 * sigma * sigma)) - 0.5) < share_error(0.5));
  }
}

TEST_CASE("exponential jitter has mean 1, variance 1 and the exponential's tail") {
  check_moments(ExponentialJitter{}, 1.0, 1.0);
  const std::vector<double> all = draws(ExponentialJitter{});
  for (const double x : {0.1, 1.0, 3.0}) CHECK(std::abs(tail(all, x) - std::exp(-x)) < share_error(std::exp(-x)));
}

TEST_CASE("shifted exponential jitter has mean 1, variance share², and never falls below 1 − share") {
  check_moments(ShiftedExponentialJitter{0.3}, 1.0, 0.09);
  for (const double m : draws(ShiftedExponentialJitter{0.3})) REQUIRE(m >= 0.7);
  CHECK(draws(ShiftedExponentialJitter{1.0}) == draws(ExponentialJitter{}));
}

TEST_CASE("pareto jitter has mean 1, variance 1 / (α (α − 2)) and the power law's tail") {
  check_moments(ParetoJitter{6.0}, 1.0, 1.0 / 24.0);
  for (const double alpha : {1.5, 3.0}) {
    CAPTURE(alpha);
    const double least = 1.0 - 1.0 / alpha;
    const std::vector<double> all = draws(ParetoJitter{alpha});
    for (const double m : all) REQUIRE(m >= least * (1.0 - 1e-15));
    for (const double x : {1.0, 4.0}) {
      const double p = std::pow(least / x, alpha);
      CHECK(std::abs(tail(all, x) - p) < share_error(p));
    }
  }
}

TEST_CASE("bimodal jitter takes its factor with its probability and 1 otherwise") {
  check_moments(BimodalJitter{0.05, 4.0}, 1.15, 0.05 * 0.95 * 9.0);
  for (const double m : draws(BimodalJitter{0.05, 4.0})) REQUIRE((m == 1.0 || m == 4.0));
}

TEST_CASE("a step's cost belongs to the worker's own step number, however the steps are cut into rounds") {
  const auto jitter = make_step_jitter(LognormalJitter{0.4}, RandomStream(3, "step-jitter", 5));
  double one_by_one = 0.0;
  for (int64_t n = 40; n < 60; ++n) one_by_one += jitter->work(n, n, 1);
  CHECK(jitter->work(2, 40, 20) == one_by_one);
  CHECK(jitter->work(7, 40, 20) == one_by_one);
  CHECK(jitter->work(0, 0, 0) == 0.0);
}

TEST_CASE("jitter of a round multiplies all its steps by one draw of the round's number") {
  const auto jitter = make_step_jitter(ExponentialJitter{JitterPer::round}, RandomStream(3, "step-jitter", 5));
  const auto single = make_step_jitter(ExponentialJitter{}, RandomStream(3, "step-jitter", 5));
  for (int64_t round = 0; round < 5; ++round) {
    CHECK(jitter->work(round, 1000, 20) == 20.0 * single->work(0, round, 1));
    CHECK(jitter->work(round, 0, 20) == jitter->work(round, 1000, 20));
  }
}

TEST_CASE("workers' jitters are uncorrelated") {
  const std::vector<double> a = draws(ExponentialJitter{}, 0), b = draws(ExponentialJitter{}, 1);
  double covariance = 0.0;
  for (size_t i = 0; i < a.size(); ++i) covariance += (a[i] - 1.0) * (b[i] - 1.0) / kDraws;
  CHECK(std::abs(covariance) < 5.0 / std::sqrt(kDraws));
}
