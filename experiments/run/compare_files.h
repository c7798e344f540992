#pragma once
#include <optional>
#include <string>

#include "experiments/config/json_reader.h"

namespace experiments {

/// The first place where two results differ, as "/loss: 3.21 is stored, 3.22 was found" with the pointer in front. Keys
/// that only `found` has are not compared: the program that stored may have been an older one.
std::optional<std::string> first_difference(const Json& stored, const Json& found);

/// The first line where two JSON lines files differ, as "line 3, /loss: …". With `prefix`, `found` need only be how
/// `stored` begins.
std::optional<std::string> first_difference(const std::string& stored, const std::string& found, bool prefix);

}  // namespace experiments
