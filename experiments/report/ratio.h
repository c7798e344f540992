#pragma once
#include <optional>
#include <vector>

namespace experiments {

/// A ratio of means with its 95 % interval.
struct Ratio {
  double value = 0;
  std::optional<double> low, high;  ///< missing for one pair, and where the interval has no bounds: a denominator not clearly above 0
};

/// mean(numerators) / mean(denominators) of pairs (equally many, at least one; the denominators' mean > 0), with Fieller's interval: all ρ for
/// which the mean of numerator − ρ · denominator is within Student's t of 0. Source: Fieller 1954, "Some problems in interval estimation".
/// Constant denominators d give the t interval of the numerators divided by d.
Ratio ratio_of_means(const std::vector<double>& numerators, const std::vector<double>& denominators);

}  // namespace experiments
