#pragma once
#include "experiments/validation/validation.h"

namespace experiments {

/// What the mean staleness has to be, by counting.
Validation staleness_identities();

}  // namespace experiments
