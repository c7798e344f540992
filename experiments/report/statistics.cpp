#include "experiments/report/statistics.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>

namespace experiments {
namespace {

/// P(|T| ≤ √degrees · tan θ).
double student_coverage(double theta, int degrees) {
  const double cosine = std::cos(theta);
  const bool odd = degrees % 2 == 1;
  // Odd: cos + 2/3 cos³ + (2·4)/(3·5) cos⁵ … up to cos^(degrees−2). Even: 1 + 1/2 cos² + (1·3)/(2·4) cos⁴ … likewise.
  double term = odd ? cosine : 1.0;
  double series = 0;
  for (int power = odd ? 1 : 0; power <= degrees - 2; power += 2) {
    series += term;
    term *= cosine * cosine * (power + 1.0) / (power + 2.0);
  }
  const double even = std::sin(theta) * series;
  return odd ? 2 / std::numbers::pi * (theta + even) : even;
}

}  // namespace

double student_t(double coverage, int degrees) {
  assert(degrees >= 1 && coverage > 0 && coverage < 1);
  double low = 0;
  double high = std::numbers::pi / 2;
  for (;;) {
    const double middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    (student_coverage(middle, degrees) < coverage ? low : high) = middle;
  }
  return std::sqrt(static_cast<double>(degrees)) * std::tan(high);
}

double student_p(double t, int degrees) {
  assert(degrees >= 1);
  return std::max(0.0, 1 - student_coverage(std::atan(std::abs(t) / std::sqrt(static_cast<double>(degrees))), degrees));
}

std::optional<double> paired_p(const std::vector<double>& differences) {
  const Estimate e = estimate(differences);
  if (!e.half_width) return std::nullopt;
  const double standard_error = *e.half_width / student_t(0.95, e.count - 1);
  if (e.mean == 0) return 1.0;
  return standard_error > 0 ? student_p(e.mean / standard_error, e.count - 1) : 0.0;
}

Ratio ratio_of_means(const std::vector<double>& above, const std::vector<double>& below) {
  assert(above.size() == below.size() && !above.empty());
  const int n = static_cast<int>(above.size());
  const double a = estimate(above).mean, b = estimate(below).mean;
  Ratio result{a / b, std::nullopt, std::nullopt, n};
  if (n < 2) return result;
  double aa = 0, bb = 0, ab = 0;  // (co)variances of the means
  for (size_t i = 0; i < above.size(); ++i) {
    aa += (above[i] - a) * (above[i] - a);
    bb += (below[i] - b) * (below[i] - b);
    ab += (above[i] - a) * (below[i] - b);
  }
  const double t = student_t(0.95, n - 1), scale = t * t / (n - 1.0) / n;
  // (a − R b)² ≤ t² (aa − 2 R ab + R² bb): a quadratic in R, an interval only while b is significantly away from 0.
  const double square = b * b - scale * bb, linear = a * b - scale * ab, constant = a * a - scale * aa;
  if (!(square > 0)) return result;
  const double root = std::sqrt(std::max(0.0, linear * linear - square * constant));
  result.low = (linear - root) / square;
  result.high = (linear + root) / square;
  return result;
}

Estimate estimate(const std::vector<double>& values) {
  Estimate result;
  result.count = static_cast<int>(values.size());
  if (values.empty()) {
    result.mean = std::numeric_limits<double>::quiet_NaN();
    return result;
  }
  double sum = 0;
  for (double value : values) sum += value;
  result.mean = sum / result.count;
  if (result.count < 2 || !std::isfinite(result.mean)) return result;
  double squares = 0;
  for (double value : values) squares += (value - result.mean) * (value - result.mean);
  const double standard_error = std::sqrt(squares / (result.count - 1) / result.count);
  result.half_width = student_t(0.95, result.count - 1) * standard_error;
  return result;
}

}  // namespace experiments
