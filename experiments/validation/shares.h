#pragma once
#include "experiments/validation/validation.h"

namespace experiments {

/// The share of their time in which real runs, and runs without a server, computed.
Validation utilisation_of_runs();
Validation gossip_utilisation();
/// What balancing and compression save together.
Validation balancing_and_sign();

}  // namespace experiments
