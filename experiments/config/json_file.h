#pragma once
#include <filesystem>
#include <string>

#include "experiments/config/json_reader.h"

namespace experiments {

inline constexpr size_t kMostKeys = 1000;  ///< of an object; ordered objects take a time that grows with its square

/// JSON text with comments to a value: duplicate keys, trailing text, numbers beyond double, nesting beyond 64 levels
/// and objects of more than `most_keys` are mistakes. Throws InvalidConfig with line and column. `file` is for
/// messages.
Json parse_json(const std::string& text, const std::string& file, size_t most_keys = kMostKeys);

/// The text of a file. Throws InvalidConfig when it cannot be read.
std::string read_text(const std::filesystem::path& file);

/// `patch` laid over `base`: objects merge key by key, except that one with another "kind" replaces the whole; null
/// restores the default; everything else replaces.
Json merged(Json base, const Json& patch);

}  // namespace experiments
