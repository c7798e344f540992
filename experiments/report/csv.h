#pragma once
#include <cmath>
#include <optional>
#include <string>

#include "experiments/report/files.h"

namespace experiments {

/// RFC 4180: quoted where a comma, a quote or a line break asks for it.
inline std::string csv_field(const std::string& text) {
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
