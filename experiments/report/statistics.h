#pragma once
#include <optional>
#include <vector>

namespace experiments {

/// Mean and 95 % interval (Student's t) over seeds; the interval is missing for one seed and where a value is not finite.
struct Estimate {
  double mean = 0;                   ///< NaN of no values
  std::optional<double> half_width;
  int count = 0;
};
Estimate estimate(const std::vector<double>& values);

/// The t with P(|T| ≤ t) = `coverage` for Student's T with `degrees` ≥ 1 degrees of freedom, 0 < coverage < 1.
/// Exact to rounding: the distribution's finite series for whole degrees (Abramowitz & Stegun 26.7.3, 26.7.4), inverted by bisection.
double student_t(double coverage, int degrees);

}  // namespace experiments
