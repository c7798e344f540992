#pragma once
#include "experiments/validation/validation.h"

namespace experiments {

/// Bandwidth that a compute utilisation needs, of Streaming DiLoCo, eager updates and the scaling laws: 180 cells.
Validation streaming_bandwidth();
Validation eager_bandwidth();
Validation scaling_bandwidth();

}  // namespace experiments
