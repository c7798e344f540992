#pragma once
#include <string>
#include <vector>

#include "experiments/sweep/design.h"

namespace experiments {

/// One run to do: the first place of the sweep at which its key stands.
struct PlannedRun {
  std::string key;
  size_t point = 0, method = 0;
  uint64_t seed = 0;
};

/// A sweep, or a comparison, ready to run. Points that come to the same run (a grace period does nothing to a barrier)
/// share it.
struct SweepPlan {
  SweepDesign design;
  std::vector<ExperimentConfig> experiments;  ///< by point
  std::vector<PlannedRun> runs;               ///< each key once; point by point, seed by seed, method by method

  const MethodConfig& method(const PlannedRun& run) const { return experiments[run.point].methods[run.method]; }
  bool save_weights() const { return experiments[0].save_weights; }
  /// "heterogeneity=very, Async DiLoCo, seed 3".
  std::string text(const PlannedRun&) const;
  /// point.json of a run.
  Json point_json(const PlannedRun&) const;
};

/// Runs are named by what decides them (RunKeys). Throws InvalidConfig naming the point whose files cannot be read.
SweepPlan plan_sweep(Sweep sweep, const std::string& file);

/// A comparison is a sweep without axes, whose runs are named by their place in its results (run_directory): none is
/// shared, and nothing is read.
SweepPlan plan_comparison(ExperimentConfig);

/// Every `parts`-th run from `part` (from 1) on: together all parts have each run once, and heavy points are spread
/// over them.
std::vector<PlannedRun> part_of(const std::vector<PlannedRun>& runs, size_t part, size_t parts);

}  // namespace experiments
