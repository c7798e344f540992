#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sim/units.h"

namespace sim {

/// What holds past the last time of a trace.
enum class TraceEnd {
  hold,   ///< its last value, for ever
  repeat  ///< the whole again and again: the last row's time is the period
};
constexpr auto names_of(TraceEnd) {
  return std::array{std::pair{TraceEnd::hold, "hold"}, std::pair{TraceEnd::repeat, "repeat"}};
}

/// A trace that cannot be read or used; the message begins with file:line.
struct TraceError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Lines of comma-separated cells. Empty lines and lines that begin with # are left out. As spreadsheets write them,
/// too: a byte order mark, CRLF, quoted cells (RFC 4180).
struct CsvFile {
  struct Row {
    int64_t line;                    ///< in the file, from 1
    std::vector<std::string> cells;  ///< at least one
    Time time{};                     ///< of a trace: the first cell
  };
  std::string name;
  std::vector<Row> rows;

  [[noreturn]] void refuse(const Row&, const std::string& what) const;
  /// The row's cell as a number that is ≥ 0. Throws TraceError.
  double number(const Row&, size_t column) const;
  /// The same, of a number that is whole.
  int64_t whole_number(const Row&, size_t column) const;
};

/// Throws TraceError unless the file can be read.
CsvFile read_csv_file(const std::filesystem::path&);

/// A trace as comma-separated values: a header, then rows, each beginning with a time in seconds.
struct TraceFile : CsvFile {
  std::string header;  ///< not among the rows, of which there is at least one; their times do not fall
};

/// Throws TraceError unless the file can be read, its header is one of `headers`, it has a row, and every row has all
/// its cells and first a number from 0 to kMaxSeconds, a time unless the header says otherwise, that does not fall.
TraceFile read_trace_file(const std::filesystem::path&, const std::vector<std::string>& headers);

}  // namespace sim
