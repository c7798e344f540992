#include "experiments/report/format.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace experiments {
namespace {

constexpr size_t kLongestNumber = 9;

std::string print(const char* format, int decimals, double value) {
  char buffer[400];
  std::snprintf(buffer, sizeof buffer, format, decimals, value);
  return buffer;
}

std::string two(int64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); }

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string fixed(const std::optional<double>& value, int decimals) {
  if (!value || std::isnan(*value)) return "-";
  if (std::isinf(*value)) return *value > 0 ? "inf" : "-inf";
  const std::string text = print("%.*f", decimals, *value);
  return text.size() <= kLongestNumber ? text : print("%.*e", 2, *value);
}

bool spreads(const Estimate& value) { return value.half_width && !(*value.half_width <= 1e-9 * std::fabs(value.mean)); }

std::string with_interval(const std::optional<Estimate>& value, int decimals) {
  if (!value) return "-";
  const std::string mean = fixed(value->mean, decimals);
  return spreads(*value) ? mean + " ±" + fixed(value->half_width, decimals) : mean;
}

std::string with_interval(const std::optional<Ratio>& value, int decimals) {
  if (!value) return "-";
  const std::string mean = fixed(value->mean, decimals);
  if (!value->low) return mean;
  const std::string low = fixed(value->low, decimals), high = fixed(value->high, decimals);
  return low == high ? mean : mean + " (" + low + " to " + high + ")";
}

std::string cost_text(const std::optional<Estimate>& value) {
  const double size = value ? std::fabs(value->mean) : 0;
  return with_interval(value, size >= 1000 ? 0 : size >= 1 ? 2 : 4);
}

std::string p_text(const std::optional<double>& p) {
  if (!p) return "-";
  return *p < 0.001 ? "< 0.001" : fixed(p, 3);
}

std::string count_text(const Estimate& value) {
  return fixed(value.mean, value.mean == std::floor(value.mean) ? 0 : 1);
}

std::string duration_text(const std::optional<double>& seconds) {
  if (!seconds || !std::isfinite(*seconds)) return "-";
  if (*seconds < 9.9995) return print("%.*f s", 3, *seconds);
  if (*seconds < 59.95) return print("%.*f s", 1, *seconds);
  const int64_t whole = std::llround(*seconds);
  const int64_t minutes = whole / 60, hours = minutes / 60, days = hours / 24;
  if (days >= 10000) return print("%.*e d", 2, *seconds / 86400);
  if (days > 0) return std::to_string(days) + "d " + two(hours % 24) + "h " + two(minutes % 60) + "m";
  if (hours > 0) return std::to_string(hours) + "h " + two(minutes % 60) + "m " + two(whole % 60) + "s";
  return std::to_string(minutes) + "m " + two(whole % 60) + "s";
}

size_t display_width(const std::string& text) {
  size_t width = 0;
  for (char c : text) width += !continues(c);
  return width;
}

std::string right_in(const std::string& text, size_t width) {
  return std::string(width - std::min(width, display_width(text)), ' ') + text;
}

std::string left_in(const std::string& text, size_t width) {
  return text + std::string(width - std::min(width, display_width(text)), ' ');
}

std::string fit(const std::string& text, size_t width) {
  std::string result;
  size_t used = 0;
  const bool cut = display_width(text) > width;
  for (char c : text) {
    if (!continues(c) && used++ == width - cut) break;
    result += static_cast<unsigned char>(c) < 32 || c == 127 ? ' ' : c;
  }
  return cut ? result + "…" : result;
}

}  // namespace experiments
