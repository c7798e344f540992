#pragma once
#include "experiments/validation/validation.h"

namespace experiments {

/// Decoupled DiLoCo's goodput where chips fail.
Validation goodput();
/// The effective training time of a job that writes checkpoints.
Validation effective_training_time();

}  // namespace experiments
