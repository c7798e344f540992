#pragma once
#include "experiments/validation/validation.h"

namespace experiments {

/// The wall-clock model of the scaling laws.
Validation wall_clock_model();
/// How many bytes travel, and when rounds end.
Validation bytes_and_rounds();

}  // namespace experiments
