#include "experiments/report/text_table.h"

#include <algorithm>
#include <sstream>

#include "experiments/report/format.h"

namespace experiments {
namespace {

constexpr size_t kShortestName = 12;
constexpr size_t kWidestName = 24;

size_t width_of(const TextColumn& column) {
  size_t width = std::max(display_width(column.upper), display_width(column.lower));
  for (const std::string& cell : column.cells) width = std::max(width, display_width(cell));
  return width;
}

size_t total(const std::vector<size_t>& widths) {
  size_t sum = 0;
  for (const size_t width : widths) sum += width + 2;
  return sum - 2;
}

/// Shortens the widest name, a column at a time, down to `shortest`.
void shorten(const std::vector<TextColumn>& columns, std::vector<size_t>& widths, size_t width, size_t shortest) {
  while (total(widths) > width) {
    size_t* widest = nullptr;
    for (size_t c = 0; c < columns.size(); ++c)
      if (columns[c].left && widths[c] > shortest && (!widest || widths[c] > *widest)) widest = &widths[c];
    if (!widest) return;
    --*widest;
  }
}

std::string name_of(const TextColumn& column) {
  return column.upper.empty() || column.lower.empty() ? column.upper + column.lower
         : column.upper.back() == '-'                 ? column.upper.substr(0, column.upper.size() - 1) + column.lower
         : column.upper.back() == '/'                 ? column.upper + column.lower
                                                      : column.upper + " " + column.lower;
}

}  // namespace

std::string text_table(std::vector<TextColumn> columns, size_t width) {
  std::vector<std::string> left_out;
  std::vector<size_t> widths;
  for (;;) {
    widths.clear();
    for (const TextColumn& column : columns) widths.push_back(width_of(column));
    if (width == 0) break;
    shorten(columns, widths, width, kWidestName);
    if (total(widths) <= width) break;
    const auto least = std::max_element(columns.begin(), columns.end(),
                                        [](const TextColumn& a, const TextColumn& b) { return a.rank < b.rank; });
    if (least->rank == 0) {
      shorten(columns, widths, width, kShortestName);
      break;
    }
    left_out.insert(left_out.begin(), name_of(*least));
    columns.erase(least);
  }
  std::string text;
  const auto add_line = [&](const auto& cell_of) {
    std::string line;
    for (size_t c = 0; c < columns.size(); ++c) {
      const std::string cell = cell_of(columns[c]);
      line +=
          (c ? "  " : "") + (columns[c].left ? left_in(fit(cell, widths[c]), widths[c]) : right_in(cell, widths[c]));
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  };
  add_line([](const TextColumn& column) { return column.upper; });
  add_line([](const TextColumn& column) { return column.lower; });
  for (size_t i = 0; i < total(widths); ++i) text += "─";
  text += "\n";
  for (size_t row = 0; row < columns[0].cells.size(); ++row)
    add_line([&](const TextColumn& column) { return column.cells[row]; });
  std::string names;
  for (const std::string& name : left_out) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? text : text + wrapped("not shown: " + names + " (--wide shows all)", width);
}

std::string wrapped(const std::string& text, size_t width) {
  std::istringstream words(text);
  std::string result, line;
  for (std::string word; words >> word;) {
    if (width) word = fit(word, width);
    if (width && !line.empty() && display_width(line) + 1 + display_width(word) > width) {
      result += line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return result + line + "\n";
}

}  // namespace experiments
