#include "experiments/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "experiments/report/format.h"

namespace experiments {
namespace {
constexpr size_t kFewest = 40;
}

TerminalSize terminal_size() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return {std::max<size_t>(size.ws_col, kFewest), size.ws_row};
  const char* const columns = std::getenv("COLUMNS");
  const long wanted = columns ? std::atol(columns) : 0;
  return {wanted > 0 ? std::max<size_t>(static_cast<size_t>(wanted), kFewest) : 0, 0};
}

std::string fitted(std::vector<LinePart> parts, size_t columns) {
  for (;;) {
    std::string line;
    for (const LinePart& part : parts)
      if (!part.text.empty()) line += (line.empty() ? "" : "  ") + part.text;
    const auto least = std::max_element(parts.begin(), parts.end(),
                                        [](const LinePart& a, const LinePart& b) { return a.rank < b.rank; });
    if (columns == 0 || display_width(line) <= columns) return line;
    if (least == parts.end() || least->rank == 0) return fit(line, columns);
    parts.erase(least);
  }
}

}  // namespace experiments
