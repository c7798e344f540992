#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "experiments/run/run_log.h"

namespace experiments {

/// Mean and 95 % interval (Student's t) over seeds; the interval is missing for one seed.
struct Estimate {
  double mean = 0;
  std::optional<double> half_width;
  int count = 0;
};
Estimate estimate(const std::vector<double>& values);

/// Simulated seconds of the first evaluation whose loss is at or below `target`; empty if there is none.
std::optional<double> time_to_target(const RunLog&, double target);

/// Perplexity exp(loss); bits per byte loss / ln 2 / bytes_per_token.
double perplexity(double loss);
double bits_per_byte(double loss, double bytes_per_token);
/// Share of all workers' time spent computing.
double utilisation(const RunLog&);

/// One method over all its seeds.
struct MethodSummary {
  std::string method;
  int seeds = 0;
  Estimate loss, perplexity, bits_per_byte, server_updates, local_steps, tokens, simulated_seconds, utilisation, staleness;
  std::optional<Estimate> time_to_target;     ///< empty unless every seed reached it
  std::optional<Estimate> speed_up;           ///< baseline's time to target / this one's, paired by seed; empty as above
  std::optional<Estimate> loss_difference;    ///< final loss − baseline's, paired by seed
};

struct ComparisonSummary {
  std::string name;
  std::string baseline;                 ///< "" when the experiment names none
  /// The best loss that every method reached, by seed: the largest over methods of their lowest evaluated loss.
  std::vector<double> target_loss;
  std::vector<MethodSummary> methods;   ///< in the experiment's order
};
/// `runs` in the experiment's order of methods, then seeds; every method has the same seeds.
ComparisonSummary summarise(const std::string& name, const std::string& baseline, const std::vector<RunLog>& runs);

}  // namespace experiments
