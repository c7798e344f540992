#include "experiments/report/ratio.h"

#include <cassert>
#include <cmath>

#include "experiments/report/statistics.h"

namespace experiments {
namespace {

/// Squared standard error of two means, with themselves or each other.
double covariance_of_means(const std::vector<double>& x, double mean_x, const std::vector<double>& y, double mean_y) {
  double sum = 0;
  for (size_t i = 0; i < x.size(); ++i) sum += (x[i] - mean_x) * (y[i] - mean_y);
  const auto n = static_cast<double>(x.size());
  return sum / (n - 1) / n;
}

}  // namespace

Ratio ratio_of_means(const std::vector<double>& numerators, const std::vector<double>& denominators) {
  assert(!numerators.empty() && numerators.size() == denominators.size());
  const double a = estimate(numerators).mean, b = estimate(denominators).mean;
  Ratio ratio{a / b, std::nullopt, std::nullopt};
  if (numerators.size() < 2) return ratio;
  const double t = student_t(0.95, static_cast<int>(numerators.size()) - 1), t2 = t * t;
  const double square = b * b - t2 * covariance_of_means(denominators, b, denominators, b);
  const double middle = a * b - t2 * covariance_of_means(numerators, a, denominators, b);
  const double constant = a * a - t2 * covariance_of_means(numerators, a, numerators, a);
  // square · ρ² − 2 middle · ρ + constant ≤ 0: bounded only if the parabola opens upward, and then it has roots around a / b.
  if (!(square > 0)) return ratio;
  const double root = std::sqrt(std::max(0.0, middle * middle - square * constant));
  ratio.low = (middle - root) / square;
  ratio.high = (middle + root) / square;
  return ratio;
}

}  // namespace experiments
