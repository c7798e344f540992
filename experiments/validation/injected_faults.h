#pragma once
#include "experiments/validation/validation.h"

namespace experiments {

/// Faults that are put into a cluster, and what the critical path and a clock without them say they cost.
Validation injected_faults();

}  // namespace experiments
