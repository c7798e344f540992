#pragma once
#include <array>
#include <optional>
#include <utility>
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
double student_t(double coverage, int degrees);

/// P(|T| ≥ |t|) for the same T; 0 for an infinite t.
double student_p(double t, int degrees);

/// Two-sided p value of the hypothesis that paired differences have mean 0 (Student's paired t test): 1 where all are
/// 0, 0 where all are one other value. Empty for fewer than two, and where one is not finite.
std::optional<double> paired_p(const std::vector<double>& differences);

/// The geometric mean of ratios with its 95 % interval, which lies about it unevenly and is always above zero.
struct Ratio {
  double mean = 0;
  std::optional<double> low, high;  ///< both or neither: one seed
  std::optional<double> p;          ///< two-sided p value of the hypothesis that it is 1; empty for one seed
  int count = 0;
};
/// Its four numbers, as files tell them; none of no ratio.
std::array<std::pair<const char*, std::optional<double>>, 4> numbers_of(const std::optional<Ratio>&);
/// Of above[i] / below[i], paired by position, all > 0: Student's t interval and paired test of the logarithms, so that
/// the interval excludes 1 exactly where p is below 5 %.
Ratio paired_ratio(const std::vector<double>& above, const std::vector<double>& below);
/// Whether the interval holds 1, or there is none.
bool may_be_one(const Ratio&);

}  // namespace experiments
