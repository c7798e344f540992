#pragma once
#include <string>
#include <vector>

#include "experiments/report/summary.h"

namespace experiments {

/// "DiLoCo's final loss 2.0165 ±0.0012", "loss 1.75", "loss 2.0165, the lowest that every method reached"; what is
/// missing where there is no target: "the baseline DiLoCo learned nothing that others could reach".
std::string target_text(const ComparisonSummary&);
/// A method's mean time to the target; "not reached", "reached by 1 of 3" seeds; "-" where there is no target.
std::string time_to_target_text(const ComparisonSummary&, const MethodSummary&);

/// The method that the headline is about: of those that learned the one with the largest speed-up over the baseline, or
/// without a baseline the first at the target. nullptr: none, and verdict() says why.
const MethodSummary* fastest(const ComparisonSummary&);
/// The comparison in a sentence, with its doubt: "Async DN + DyLU reaches DiLoCo's final loss 3.9 (3.7 to 4.1) times as
/// fast."
std::string verdict(const ComparisonSummary&);

}  // namespace experiments
