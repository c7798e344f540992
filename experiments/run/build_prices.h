#pragma once
#include <optional>

#include "sim/clock/prices.h"

namespace experiments {

struct RunConfig;

/// What a run's workers and links cost; none where the file gives no price and no watts. What it leaves out beside
/// others costs nothing. A message to several servers pays each one's price for its part.
std::optional<sim::Prices> build_prices(const RunConfig&);

}  // namespace experiments
