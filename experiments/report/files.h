#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "experiments/config/json_reader.h"  // text_of, with which all JSON is written

namespace experiments {

/// Replaces the file's content. Throws OutputError naming the file when it cannot.
void write_file(const std::filesystem::path& file, std::string_view content);

/// The number, or null for NaN and the infinities, which JSON has no words for.
nlohmann::ordered_json number(double value);
nlohmann::ordered_json number(const std::optional<double>& value);

}  // namespace experiments
