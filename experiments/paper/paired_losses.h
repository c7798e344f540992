#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "experiments/config/fields.h"
#include "experiments/report/read_results.h"
#include "experiments/report/statistics.h"

namespace experiments {

enum class Verdict { holds, undecided, fails, not_run };
constexpr auto names_of(Verdict) {
  return std::array{std::pair{Verdict::holds, "holds"}, std::pair{Verdict::undecided, "undecided"},
                    std::pair{Verdict::fails, "fails"}, std::pair{Verdict::not_run, "not run"}};
}

/// That a mean is below zero: decided by its 95 % interval, undecided without one.
Verdict below_zero(const Estimate& difference);
Verdict opposite(Verdict);

/// One number a seed.
using BySeed = std::map<uint64_t, double>;

/// The final losses of a method's runs.
BySeed losses(const Results&, const std::string& method);
Estimate mean_of(const BySeed&);
/// How many are not finite: a run has diverged.
int not_finite(const BySeed&);
/// a − b at the seeds that both have.
std::vector<double> differences(const BySeed& a, const BySeed& b);

/// "n = 3, p = 0.012": the paired t test of no difference.
std::string seeds_text(const std::vector<double>& pairs);
/// "+0.0273 ±0.0130".
std::string signed_text(const Estimate& value, int decimals);

/// Two methods' final losses, paired by seed. Where only one's are finite, with all seeds, that one is the lower; where
/// some are, nothing is decided.
struct LossPair {
  std::string method, than;  ///< as they are shown
  BySeed a, b;
  std::vector<double> pairs;  ///< a − b
  Estimate difference;

  LossPair(std::string method, BySeed a, std::string than, BySeed b);
  bool diverged() const { return not_finite(a) + not_finite(b) > 0; }
  Verdict below() const;
  /// The interval of the difference lies within ± `margin`, or includes 0; fails where it lies beyond the margin.
  Verdict within(double margin) const;
  /// Both, their difference, n and p.
  std::string text() const;
  /// The same, and whether a verdict of within() stands on the margin or on the interval's width.
  std::string text(double margin) const;
};

/// How much sooner a method gets to the best loss that both it and another reach, in simulated time.
struct Race {
  BySeed speed_up;
  std::optional<Ratio> ratio;  ///< of mean times; empty where a seed has no such loss after the start
  std::string text;

  Race(const Results&, const std::string& method, const std::string& than);
};

}  // namespace experiments
