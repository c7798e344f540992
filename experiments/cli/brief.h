#pragma once
#include <algorithm>
#include <cstdio>
#include <string>

namespace experiments {

/// A length of time at a glance: "3d 04h", "1h 02m", "3m 20s", "12s".
inline std::string brief_duration(double seconds) {
  const auto s = static_cast<long long>(std::min(std::max(0.0, seconds) + 0.5, 1e15));
  char text[64];
  if (s >= 86400)
    std::snprintf(text, sizeof text, "%lldd %02lldh", s / 86400, s / 3600 % 24);
  else if (s >= 3600)
    std::snprintf(text, sizeof text, "%lldh %02lldm", s / 3600, s / 60 % 60);
  else if (s >= 60)
    std::snprintf(text, sizeof text, "%lldm %02llds", s / 60, s % 60);
  else
    std::snprintf(text, sizeof text, "%llds", s);
  return text;
}

}  // namespace experiments
