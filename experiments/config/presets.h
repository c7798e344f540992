#pragma once
#include "experiments/config/json_reader.h"

namespace experiments {

/// What comes with the program under names (presets.json): {"clusters": {NAME: {"description", "source", keys of a
/// cluster}}, "parts": {NAME: {"description", "source", "value"}}}.
const Json& presets();

}  // namespace experiments
