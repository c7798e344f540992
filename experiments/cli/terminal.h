#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace experiments {

struct TerminalSize {
  size_t columns = 0;  ///< 0: any number; else 40 or more
  size_t rows = 0;     ///< 0: unknown
};
/// Of the terminal that standard output goes to. Elsewhere the columns are those of the variable COLUMNS, if it is set.
TerminalSize terminal_size();

/// A part of a progress line.
struct LinePart {
  std::string text;
  int rank = 0;  ///< the highest are left out first; 0: never
};
/// The parts, two spaces apart, as far as they fit into `columns` (0: all).
std::string fitted(std::vector<LinePart> parts, size_t columns);

}  // namespace experiments
