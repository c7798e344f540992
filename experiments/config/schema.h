#pragma once
#include <set>
#include <string>

#include "experiments/config/json_reader.h"

namespace experiments {

/// The JSON Schema (draft-07) of an experiment file, from the same `fields` as the parser: keys, types, limits, kinds
/// and meanings. It allows all that the parser allows; what settings mean together (a shape that fits its heads, a
/// method that is named twice) is for the parser alone.
Json experiment_schema();

/// The keys whose values are paths.
std::set<std::string> path_keys();

/// The unit of the keys that end a JSON pointer, "s" for /workers/*/upload/latency_seconds; "" where they have none, or
/// keys of this name have several.
std::string unit_of(const std::string& pointer);

}  // namespace experiments
