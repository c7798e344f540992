#pragma once
#include <string>
#include <vector>

namespace experiments {

/// Text that Markdown shows as it is, in a paragraph, a heading or a table's cell: its marks escaped, control
/// characters blanks.
std::string markdown_text(const std::string& text);

/// Prose with lines of at most 120 columns, as far as its words allow; its own line ends stay. No line that this makes
/// begins with what would turn it into a list, a heading or a table.
std::string markdown_prose(const std::string& text);

/// A table; its cells are Markdown. The first `left` columns are aligned left, the others right. Rows shorter than the
/// head end in empty cells.
std::string markdown_table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows,
                           size_t left);

/// A path as a link's target.
std::string markdown_target(const std::string& path);

/// A block of code, whatever is in it.
std::string code_block(const std::string& language, const std::string& code);

}  // namespace experiments
