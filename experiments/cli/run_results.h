#pragma once
#include "experiments/config/parse.h"
#include "experiments/report/summary.h"
#include "experiments/run/comparison.h"
#include "experiments/run/results_directory.h"

namespace experiments {

/// Writes everything a comparison leaves behind and puts it in place. Throws OutputError, and Interrupted before the
/// last step.
void write_results(ResultsDirectory&, const ExperimentConfig&, const Comparison&, const ComparisonSummary&,
                   const Json& manifest);

/// Prints what the trajectories were, what ended early and what failed. Returns the exit code.
int tell_ends(const Comparison&, bool verbose);

}  // namespace experiments
