#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace experiments {

/// A column of a table for the terminal.
struct TextColumn {
  std::string upper, lower;          ///< the two lines of its heading
  std::vector<std::string> cells{};  ///< one per row
  int rank = 0;                      ///< the highest are left out first; 0: never
  bool left = false;                 ///< aligned left: a name, which may be shortened
};

/// The columns, two spaces apart, under a line. Where they take more than `width` of the terminal's columns (0: any
/// number), those of the highest rank are left out and named in a last line, and names are shortened.
std::string text_table(std::vector<TextColumn>, size_t width);

/// `text` in lines of at most `width` columns, cut at spaces; 0: one line. Ends with a line end.
std::string wrapped(const std::string& text, size_t width);

}  // namespace experiments
