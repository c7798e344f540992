#pragma once
#include <optional>

#include "experiments/import/step_log.h"

namespace experiments {

/// A worker's speed, jitter and slow spells, fitted to its log.
struct StepFit {
  struct Spells {
    size_t count = 0;  ///< seen
    double mean_seconds_between = 0.0, mean_seconds = 0.0, factor = 1.0;
  };
  size_t steps = 0;
  double seconds_per_step = 0.0;  ///< mean outside spells
  double sigma = 0.0;             ///< of the logarithm outside spells, its standard deviation
  double sigma_error = 0.0;       ///< its standard error over itself, 1 / √(2 n)
  std::optional<Spells> spells;
  double distance = 0.0;                ///< Kolmogorov–Smirnov: steps outside spells against that lognormal
  double allowed_distance = 0.0;        ///< above which 5 % of such samples of that lognormal would lie
  double correlation = 0.0;             ///< of neighbouring logarithms outside spells; the simulated steps have 0
  std::vector<std::vector<bool>> slow;  ///< by stretch and step: in a spell
};

/// The median m lies outside spells (so they take less than half of the steps); σ₀ is the median of |ln dᵢ₊₁ − ln dᵢ|
/// over 0.954. A spell is three or more steps in a row at which the running median of five is above m · max(1.3, e^(2
/// σ₀)). Time outside over the number of spells is the mean between, time in them over it their mean length: the
/// likeliest for exponential ones, but for what the ends cut off.
StepFit fit_steps(const StepLog&);

/// sup |F_a − F_b| of two samples, none empty.
double distance_between(std::vector<double> a, std::vector<double> b);

}  // namespace experiments
