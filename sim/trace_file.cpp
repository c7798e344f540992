#include "sim/trace_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <string_view>
#include <system_error>

namespace sim {
namespace {

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> cells;
  for (;;) {
    const size_t comma = line.find(',');
    cells.emplace_back(trimmed(line.substr(0, comma)));
    if (comma == std::string_view::npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

std::string joined(const std::vector<std::string>& cells, const std::string& between) {
  std::string text;
  for (const std::string& cell : cells) text += (text.empty() ? "" : between) + cell;
  return text;
}

/// A cell as it may stand in a message.
std::string shown(const std::string& cell) {
  std::string text = cell.substr(0, 40);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
  return "\"" + text + (cell.size() > 40 ? "…" : "") + "\"";
}

}  // namespace

void TraceFile::refuse(const Row& row, const std::string& what) const {
  throw TraceError(name + ":" + std::to_string(row.line) + ": " + what);
}

double TraceFile::number(const Row& row, size_t column) const {
  const std::string& cell = row.cells.at(column);
  double value = 0.0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value))
    refuse(row, shown(cell) + " is not a number; allowed: a number of at least 0");
  if (value < 0.0) refuse(row, cell + " is negative; allowed: a number of at least 0");
  return value;
}

TraceFile read_trace_file(const std::filesystem::path& path, const std::vector<std::string>& headers) {
  TraceFile trace;
  trace.name = path.string();
  const std::string allowed = "a first line " + joined(headers, " or ") + ", then rows of that form";
  std::error_code unreadable;  // a name too long, say: the stream below cannot open it either
  const auto status = std::filesystem::status(path, unreadable);
  if (std::filesystem::is_directory(status)) throw TraceError(trace.name + ": is a directory; allowed: a CSV file");
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))  // a device may never end
    throw TraceError(trace.name + ": is not a regular file; allowed: a CSV file");
  std::ifstream in(path, std::ios::binary);
  if (!in) throw TraceError(trace.name + ": cannot be read; allowed: a CSV file");
  std::string line;
  size_t columns = 0;
  for (int64_t number = 1; std::getline(in, line); ++number) {
    const std::string_view text = trimmed(line);
    if (text.empty() || text.front() == '#') continue;
    TraceFile::Row row{number, kTimeZero, split(text)};
    if (trace.header.empty()) {
      trace.header = joined(row.cells, ",");
      columns = row.cells.size();
      if (std::find(headers.begin(), headers.end(), trace.header) == headers.end())
        trace.refuse(row, shown(trace.header) + " is no header of such a trace; allowed: " + allowed);
      continue;
    }
    if (row.cells.size() != columns)
      trace.refuse(
          row, std::to_string(row.cells.size()) + " cells; allowed: " + std::to_string(columns) + ", " + trace.header);
    const double seconds = trace.number(row, 0);
    if (seconds > kMaxSeconds) trace.refuse(row, row.cells[0] + " s is past the end of the simulated clock");
    row.time = kTimeZero + from_seconds(seconds);
    if (!trace.rows.empty() && row.time < trace.rows.back().time)
      trace.refuse(row, "time " + row.cells[0] + " comes after " + trace.rows.back().cells[0] +
                            "; allowed: times that do not fall");
    trace.rows.push_back(std::move(row));
  }
  if (in.bad()) throw TraceError(trace.name + ": cannot be read to its end");
  if (trace.rows.empty()) throw TraceError(trace.name + ": holds no rows; allowed: " + allowed);
  return trace;
}

}  // namespace sim
