#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "experiments/config/json_reader.h"  // text_of, with which all JSON is written

namespace experiments {

/// Writes into the file's place, where a reader may see a part, and not onto the disk yet: for directories that are put
/// in place whole. Throws OutputError naming the file when it cannot.
void write_file(const std::filesystem::path& file, std::string_view content);

/// Replaces it at once, directories on the way included: whoever reads it sees the old content or the new, whole, after
/// a power cut too. Where it lies in results with a list of their files, it is listed. Throws OutputError naming the
/// file when it cannot.
void replace_file(const std::filesystem::path& file, std::string_view content);

/// The number, or null for NaN and the infinities, which JSON has no words for.
nlohmann::ordered_json number(double value);
nlohmann::ordered_json number(const std::optional<double>& value);

}  // namespace experiments
