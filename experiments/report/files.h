#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace experiments {

/// Replaces the file's content. Throws std::runtime_error naming the file when it cannot.
void write_file(const std::filesystem::path& file, std::string_view content);

/// The number, or null for NaN and the infinities, which JSON has no words for.
nlohmann::ordered_json number(double value);
nlohmann::ordered_json number(const std::optional<double>& value);

/// JSON text that is valid whatever bytes a name holds; indent −1 is one line.
std::string json_text(const nlohmann::ordered_json& value, int indent = -1);

}  // namespace experiments
