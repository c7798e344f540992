#pragma once
#include <optional>
#include <vector>

namespace experiments {

/// Mean and 95 % interval (Student's t) over seeds; the interval is missing for one seed and where a value is not
/// finite.
struct Estimate {
  double mean = 0;  ///< NaN of no values
  std::optional<double> half_width;
  int count = 0;
};
Estimate estimate(const std::vector<double>& values);

/// The t with P(|T| ≤ t) = `coverage` for Student's T with `degrees` ≥ 1 degrees of freedom, 0 < coverage < 1.
/// Exact to rounding: the distribution's finite series for whole degrees (Abramowitz & Stegun 26.7.3, 26.7.4), inverted
/// by bisection.
double student_t(double coverage, int degrees);

/// P(|T| ≥ |t|) for the same T, from the same series; 0 for an infinite t.
double student_p(double t, int degrees);

/// Two-sided p value of the hypothesis that paired differences have mean 0 (Student's paired t test): 1 where all are
/// 0, 0 where all are one other value. Empty for fewer than two, and where one is not finite.
std::optional<double> paired_p(const std::vector<double>& differences);

/// The ratio of two means over the same seeds, with its 95 % interval, which lies about it unevenly.
struct Ratio {
  double mean = 0;                  ///< mean above / mean below
  std::optional<double> low, high;  ///< both or neither: one seed, or a mean below that cannot be told from zero
  int count = 0;
};
/// Paired by position; above[i] and below[i] > 0. Source: Fieller 1954, J. R. Stat. Soc. B 16: the ratios R for which
/// the mean of above − R·below is not significantly away from 0. So the interval excludes 1 exactly where paired_p of
/// the differences is below 5 %.
Ratio ratio_of_means(const std::vector<double>& above, const std::vector<double>& below);

}  // namespace experiments
