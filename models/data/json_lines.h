#pragma once
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace models {

constexpr size_t longest_json_line = size_t{256} << 20;  ///< bytes

/// Appends a document to its domain's text, two line ends between documents.
void add_document(std::map<std::string, std::string>& domains, const std::string& name, std::string_view text);

/// Adds each line's "text" to the domain named by its "domain", or `default_domain`. Other fields and blank lines are
/// ignored. Throws CorpusError with file:line.
void read_json_lines(const std::filesystem::path& path, const std::string& default_domain,
                     std::map<std::string, std::string>& domains, size_t longest_line = longest_json_line);

}  // namespace models
