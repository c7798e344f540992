#pragma once
#include <variant>

#include "models/outer/edit.h"
#include "models/outer/mean.h"
#include "models/outer/radial_directional.h"

namespace models {

/// Every reduction there is. Each has a config with its `fields`, and its `make`, whose layout outlives what is made.
using ReduceConfig = std::variant<MeanConfig, ByTokensConfig, ContributorsConfig, EditConfig, RadialDirectionalConfig>;

}  // namespace models
