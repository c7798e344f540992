#pragma once
#include "experiments/validation/validation.h"

namespace experiments {

/// A public page's simulator of the utilisation over the bandwidth, by its own rules: exact.
Validation bandwidth_page();

}  // namespace experiments
