#pragma once
#include <filesystem>

#include "experiments/paper/claims.h"

namespace experiments {

/// Reads the plan and the experiment files that it names. Throws InvalidConfig listing every mistake, unknown
/// experiments and methods included.
ReproductionPlan read_plan(const std::filesystem::path& file);

/// The results of the plan's experiments that lie in `directory`, each in a directory of the experiment's name. Throws
/// InvalidResults for broken ones, and for those that lack a method of the plan's experiment.
ResultsByName planned_results(const ReproductionPlan&, const std::filesystem::path& directory);

}  // namespace experiments
