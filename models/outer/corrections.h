#pragma once
#include <variant>

#include "models/outer/delay_compensation.h"
#include "models/outer/poly.h"
#include "models/outer/present_anchor.h"
#include "models/outer/staleness_threshold.h"

namespace models {

/// Every correction there is. Each header has a config with its `fields`, and its `make`, which is null where the clock
/// does the work.
using CorrectionConfig = std::variant<PolyConfig, StalenessThresholdConfig, DelayCompensationConfig, PresentAnchorConfig>;

}  // namespace models
