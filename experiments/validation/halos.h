#pragma once
#include "experiments/validation/validation.h"

namespace experiments {

/// HALoS's clock: a server per region on 16 workers with its authors' speeds and links.
Validation halos_timing();

}  // namespace experiments
