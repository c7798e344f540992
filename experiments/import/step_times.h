#pragma once
#include <map>
#include <utility>

#include "experiments/import/importer.h"

namespace experiments {

/// Seconds of each rank's steps, by the step's number.
using StepTimes = std::map<int64_t, std::map<int64_t, double>>;

/// As steps.csv of `step,rank,seconds`, and a worker per rank that replays its steps. `joined`: steps between a rank's
/// first and last that are missing are left out, and the others numbered anew; else they must not be missing.
Imported& add_steps(Imported&, StepTimes, const ImportOptions&, bool joined);

}  // namespace experiments
