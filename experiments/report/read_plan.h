#pragma once
#include <filesystem>

#include "experiments/report/reproduction_plan.h"

namespace experiments {

/// Reads the plan and the experiment files that it names. Throws InvalidConfig listing every mistake, unknown
/// experiments and methods included.
ReproductionPlan read_plan(const std::filesystem::path& file);

}  // namespace experiments
