#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "experiments/config/target.h"
#include "experiments/report/outcome.h"
#include "experiments/report/statistics.h"

namespace experiments {

struct ExperimentConfig;

/// Of a method's runs in one currency.
struct Spending {
  Estimate whole;                     ///< NaN where the experiment has no such prices
  std::optional<Estimate> to_target;  ///< empty unless every seed reached it
};

/// One method over all its seeds.
struct MethodSummary {
  std::string method;
  int seeds = 0;
  int diverged = 0;        ///< of the seeds; then the means over losses are NaN
  int above_guessing = 0;  ///< of the seeds: Ending
  int above_start = 0;     ///< likewise
  int out_of_workers = 0;  ///< of the seeds: every worker had left for good before the run's limit
  int reached = 0;         ///< of the seeds: the target
  Estimate loss, perplexity, bits_per_byte, server_updates, local_steps, tokens, simulated_seconds, utilisation,
      staleness;
  std::optional<Estimate> time_to_target;  ///< seconds; empty unless every seed reached it
  std::array<Spending, std::size(kCurrencies)> spending;
  std::optional<Ratio> speed_up;            ///< baseline's time to target / this one's, paired by seed; empty as above
  std::optional<Estimate> loss_difference;  ///< final loss − baseline's, paired by seed
  /// Two-sided p value of the paired t test that there is no difference in final loss. Empty for the baseline itself,
  /// one seed, and where the estimate above is.
  std::optional<double> loss_difference_p;

  bool learned() const { return diverged + above_guessing + above_start == 0; }
};

struct ComparisonSummary {
  std::string name;
  std::string baseline;  ///< "" when the experiment names none
  Target target;
  std::vector<uint64_t> seeds;
  /// By seed. TargetKind::baseline: its final loss, NaN unless it learned. common: the largest over the methods that
  /// learned of their lowest evaluated loss after the start, NaN without any.
  std::vector<double> target_loss;
  std::vector<MethodSummary> methods;  ///< in the experiment's order
  std::vector<std::string> notes;      ///< ending_notes(): what must stand under every table of these methods
};
/// "diverged", "diverged (1 of 3)" seeds; else the same of "worse than guessing" or "worse than the start"; "" for a
/// method that learned.
std::string ending_text(const MethodSummary&);

/// Which of the currencies the methods' costs are told in.
std::vector<size_t> told_currencies(const std::vector<MethodSummary>&);

/// What is asked about where the experiment does not say: about the baseline where there is one.
Target target_or_usual(const std::optional<Target>&, const std::string& baseline);

/// `baseline` where it has any of the runs, or else "".
std::string baseline_among(const std::vector<RunLog>& runs, const std::string& baseline);

/// `runs` without those that have nothing to be compared with: with a seed that the baseline lacks, or, for the common
/// target, that any method lacks. A method without runs lacks none.
std::vector<RunLog> comparable(std::vector<RunLog> runs, const std::string& baseline, const Target&);

/// `runs` in the experiment's order of methods, then seeds. Unless the target is the common one, no method's numbers
/// depend on another than the baseline. Without a target it is target_or_usual(). Throws std::invalid_argument for a
/// baseline that is none of the methods.
ComparisonSummary summarise(const std::string& name, const std::string& baseline, const std::vector<RunLog>& runs,
                            const std::optional<Target>& target = std::nullopt);

/// The comparison that `experiment` describes.
ComparisonSummary summarise(const ExperimentConfig& experiment, const std::vector<RunLog>& runs);

/// The target that the runs of this seed are compared at; empty for an unknown seed or when there is none.
std::optional<double> target_for(const ComparisonSummary&, uint64_t seed);

}  // namespace experiments
