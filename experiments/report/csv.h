#pragma once
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "experiments/report/files.h"

namespace experiments {

/// Whether a spreadsheet would take the text for a formula, which may even start programs: it begins like one and is no
/// number.
inline bool reads_as_formula(const std::string& text) {
  if (text.empty() || std::string_view("=+-@\t\r").find(text[0]) == std::string_view::npos) return false;
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + (text[0] == '+'), end, value);
  return parsed.ec != std::errc() || parsed.ptr != end;
}

/// RFC 4180: quoted where a comma, a quote or a line break asks for it. What reads_as_formula() gets an apostrophe in
/// front, the spreadsheets' own mark of a text.
inline std::string csv_field(std::string text) {
  if (reads_as_formula(text)) text.insert(0, 1, '\'');
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

/// The shortest digits that read back as the same number; empty when missing.
inline std::string csv_number(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? text_of(number(value)) : "";
}

}  // namespace experiments
