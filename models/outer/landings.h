#pragma once
#include <variant>

#include "models/outer/landing.h"
#include "models/outer/own_step.h"

namespace models {

/// Every landing there is. Each has a config with its `fields`.
using LandingConfig = std::variant<OverwriteConfig, MixConfig, KeepDifferenceConfig, OwnStepConfig>;

}  // namespace models
