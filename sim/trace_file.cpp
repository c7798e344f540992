#include "sim/trace_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <functional>
#include <optional>
#include <string_view>
#include <system_error>

namespace sim {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // which spreadsheets write before UTF-8

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// What a quoted cell says, with "" for a quotation mark (RFC 4180); takes it off `line`. Nothing where no mark ends
/// it.
std::optional<std::string> take_quoted(std::string_view& line) {
  std::string text;
  for (size_t i = 1; i < line.size(); ++i) {
    if (line[i] != '"' || (i + 1 < line.size() && line[i + 1] == '"' && ++i)) {
      text += line[i];
      continue;
    }
    line = trimmed(line.substr(i + 1));
    return std::string(trimmed(text));
  }
  return std::nullopt;
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

/// The cells of a line, which begins with none of the space that trimmed() takes off.
std::vector<std::string> split(std::string_view line, const std::function<void(const std::string&)>& refuse) {
  std::vector<std::string> cells;
  for (;;) {
    if (line.starts_with('"')) {
      const std::string whole(line);
      const std::optional<std::string> cell = take_quoted(line);
      if (!cell) refuse(shown(whole) + " begins a quoted cell that does not end; allowed: \"…\" on one line");
      if (!line.empty() && line.front() != ',')
        refuse(shown(std::string(line)) + " stands behind a quoted cell; allowed: a comma or the end of the line");
      cells.push_back(*cell);
    } else {
      const size_t comma = std::min(line.find(','), line.size());
      cells.emplace_back(trimmed(line.substr(0, comma)));
      line.remove_prefix(comma);
    }
    if (line.empty()) return cells;
    line = trimmed(line.substr(1));
  }
}

}  // namespace

void CsvFile::refuse(const Row& row, const std::string& what) const {
  throw TraceError(name + ":" + std::to_string(row.line) + ": " + what);
}

double CsvFile::number(const Row& row, size_t column) const {
  const std::string& cell = row.cells.at(column);
  double value = 0.0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value))
    refuse(row, shown(cell) + " is not a number; allowed: a number of at least 0");
  if (value < 0.0) refuse(row, cell + " is negative; allowed: a number of at least 0");
  return value;
}

int64_t CsvFile::whole_number(const Row& row, size_t column) const {
  const double value = number(row, column);
  if (value != std::floor(value) || value > 1e15)
    refuse(row, shown(row.cells[column]) + " is not a whole number; allowed: 0, 1, 2, …");
  return static_cast<int64_t>(value);
}

CsvFile read_csv_file(const std::filesystem::path& path) {
  CsvFile file;
  file.name = path.string();
  std::error_code unreadable;  // a name too long, say: the stream below cannot open it either
  const auto status = std::filesystem::status(path, unreadable);
  if (std::filesystem::is_directory(status)) throw TraceError(file.name + ": is a directory; allowed: a CSV file");
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))  // a device may never end
    throw TraceError(file.name + ": is not a regular file; allowed: a CSV file");
  std::ifstream in(path, std::ios::binary);
  if (!in) throw TraceError(file.name + ": cannot be read; allowed: a CSV file");
  std::string line;
  for (int64_t number = 1; std::getline(in, line); ++number) {
    std::string_view text = line;
    if (number == 1 && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    text = trimmed(text);
    if (text.empty() || text.front() == '#') continue;
    CsvFile::Row row{number, {}};
    row.cells = split(text, [&](const std::string& what) { file.refuse(row, what); });
    file.rows.push_back(std::move(row));
  }
  if (in.bad()) throw TraceError(file.name + ": cannot be read to its end");
  return file;
}

TraceFile read_trace_file(const std::filesystem::path& path, const std::vector<std::string>& headers) {
  TraceFile trace{read_csv_file(path), {}};
  const std::string allowed = "a first line " + joined(headers, " or ") + ", then rows of that form";
  if (!trace.rows.empty()) {
    trace.header = joined(trace.rows[0].cells, ",");
    if (std::find(headers.begin(), headers.end(), trace.header) == headers.end())
      trace.refuse(trace.rows[0], shown(trace.header) + " is no header of such a trace; allowed: " + allowed);
  }
  if (trace.rows.size() < 2) throw TraceError(trace.name + ": holds no rows; allowed: " + allowed);
  const CsvFile::Row header = std::move(trace.rows[0]);
  trace.rows.erase(trace.rows.begin());
  const CsvFile::Row* before = nullptr;
  for (CsvFile::Row& row : trace.rows) {
    if (row.cells.size() != header.cells.size())
      trace.refuse(row, std::to_string(row.cells.size()) + " cells; allowed: " + std::to_string(header.cells.size()) +
                            ", " + trace.header);
    const double seconds = trace.number(row, 0);
    if (seconds > kMaxSeconds) trace.refuse(row, row.cells[0] + " s is past the end of the simulated clock");
    row.time = kTimeZero + from_seconds(seconds);
    if (before && row.time < before->time)
      trace.refuse(row, header.cells[0] + " " + row.cells[0] + " comes after " + before->cells[0] +
                            "; allowed: " + header.cells[0] + "s that do not fall");
    before = &row;
  }
  return trace;
}

}  // namespace sim
