#include "experiments/report/statistics.h"

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
