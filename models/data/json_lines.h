#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "models/data/inventory.h"

namespace models {

constexpr size_t longest_json_line = size_t{256} << 20;  ///< bytes

/// Called with a line's number, its "domain" (null: it has none) and its "text".
using DocumentFound = std::function<void(int64_t line, const std::string* domain, std::string_view text)>;

/// Reads one JSON object a line. Other fields and blank lines are ignored; lines that cannot be read go to `bad_lines`
/// as "file:line: what was found; what is allowed". Throws CorpusError for what is not made of lines.
void read_json_lines(const std::filesystem::path& path, FirstTen& bad_lines, const DocumentFound& found,
                     size_t longest_line = longest_json_line);

}  // namespace models
