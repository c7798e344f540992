#pragma once
#include <optional>
#include <string>
#include <vector>

#include "experiments/report/statistics.h"
#include "experiments/run/run_log.h"

namespace experiments {

/// Simulated seconds of the first evaluation whose loss is at or below `target`; empty if there is none, and for a run
/// that diverged: its model is lost.
std::optional<double> time_to_target(const RunLog&, double target);

/// Perplexity exp(loss); bits per byte loss / ln 2 / bytes_per_token.
double perplexity(double loss);
double bits_per_byte(double loss, double bytes_per_token);
/// The last evaluation's loss; NaN without evaluations, and for a run that diverged.
double final_loss(const RunLog&);
/// Share of all workers' time spent computing; NaN for a run without time or workers.
double utilisation(const RunLog&);
/// Staleness in server updates of the arrivals that were applied; NaN and 0 without any.
double mean_staleness(const RunLog&);
int64_t max_staleness(const RunLog&);

/// One method over all its seeds.
struct MethodSummary {
  std::string method;
  int seeds = 0;
  int diverged = 0;        ///< of the seeds; then the means over losses are NaN
  int out_of_workers = 0;  ///< of the seeds: every worker had left for good before the run's limit
  Estimate loss, perplexity, bits_per_byte, server_updates, local_steps, tokens, simulated_seconds, utilisation,
      staleness;
  std::optional<Estimate> time_to_target;  ///< seconds; empty unless every seed reached it
  std::optional<Ratio> speed_up;  ///< baseline's mean time to target / this one's, paired by seed; empty as above
  std::optional<Estimate> loss_difference;  ///< final loss − baseline's, paired by seed
  /// Two-sided p values of the paired t test that there is no difference: in time to target, in final loss. Empty for
  /// the baseline itself, one seed, and where the estimate above is.
  std::optional<double> speed_up_p, loss_difference_p;
};

struct ComparisonSummary {
  std::string name;
  std::string baseline;  ///< "" when the experiment names none
  std::vector<uint64_t> seeds;
  /// The best loss that every method reached, by seed: the largest over methods of their lowest evaluated loss. A
  /// run that diverged reached none and has no say; NaN when that is so of every method.
  std::vector<double> target_loss;
  std::vector<MethodSummary> methods;  ///< in the experiment's order
  std::vector<std::string> notes;      ///< ending_notes(): what must stand under every table of these methods
};
/// "diverged", "diverged (1 of 3)" seeds; "" where none did.
std::string divergence_text(const MethodSummary&);

/// `runs` in the experiment's order of methods, then seeds; every method has the same seeds.
/// Throws std::invalid_argument when it has not, and for a baseline that is none of the methods.
ComparisonSummary summarise(const std::string& name, const std::string& baseline, const std::vector<RunLog>& runs);

/// The target that the runs of this seed are compared at; empty for an unknown seed or when there is none.
std::optional<double> target_for(const ComparisonSummary&, uint64_t seed);

}  // namespace experiments
