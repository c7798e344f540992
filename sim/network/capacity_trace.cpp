#include "sim/network/capacity_trace.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace sim {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool read_number(std::string_view text, double& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && std::isfinite(value);
}

/// What is wrong with the points, and the index of the one at fault; an empty text if nothing is.
std::pair<std::string, size_t> mistake(const std::vector<CapacityTrace::Point>& points, TraceEnd end) {
  if (points.empty()) return {"the trace has no points; at least one is needed", 0};
  if (points.front().time != kTimeZero) return {"the first time is not 0", 0};
  double largest = 0.0;
  for (size_t i = 0; i < points.size(); ++i) {
    if (i > 0 && points[i].time <= points[i - 1].time)
      return {"the time " + std::to_string(to_seconds(points[i].time)) + " s is not above the one before, " +
                  std::to_string(to_seconds(points[i - 1].time)) + " s",
              i};
    const double value = points[i].bytes_per_second;
    if (!(value >= 0.0) || !std::isfinite(value))
      return {"the capacity " + std::to_string(value) + " bytes/s is not allowed; finite and at least 0", i};
    largest = std::max(largest, value);
  }
  const size_t last = points.size() - 1;
  if (end == TraceEnd::hold && points[last].bytes_per_second == 0.0)
    return {"the last capacity is 0 and holds for ever, so no transfer could end; above 0, or a trace that repeats",
            last};
  if (end == TraceEnd::repeat && last == 0) return {"a trace that repeats needs at least two points", 0};
  if (end == TraceEnd::repeat && points[last].bytes_per_second != points[0].bytes_per_second)
    return {"the last point closes the period, so its capacity must be the first one's", last};
  if (end == TraceEnd::repeat && largest == 0.0) return {"no capacity is above 0, so no transfer could end", last};
  return {};
}

}  // namespace

CapacityTrace::CapacityTrace(std::vector<Point> points, TraceEnd end) : points_(std::move(points)) {
  const auto [what, i] = mistake(points_, end);
  if (!what.empty()) throw std::invalid_argument("point " + std::to_string(i + 1) + " of a capacity trace: " + what);
  if (end == TraceEnd::repeat) period_ = points_.back().time - kTimeZero;
}

CapacityTrace::Segment CapacityTrace::at(Time now) const {
  Time begin = kTimeZero;  // of this repetition
  if (period_ > Duration::zero()) begin += (now - kTimeZero) / period_ * period_;
  const Duration within = now - begin;
  const auto next = std::upper_bound(points_.begin(), points_.end(), within,
                                     [](Duration d, const Point& p) { return d < p.time - kTimeZero; });
  Time end = Time::max();
  if (next != points_.end() && begin <= Time::max() - (next->time - kTimeZero)) end = begin + (next->time - kTimeZero);
  return {std::prev(next)->bytes_per_second, end};
}

CapacityTrace read_capacity_trace(std::string_view text, const std::string& name, TraceEnd end) {
  std::vector<CapacityTrace::Point> points;
  std::vector<size_t> lines;
  const auto fail = [&](size_t line, const std::string& what) {
    throw std::invalid_argument(name + ":" + std::to_string(line) + ": " + what);
  };
  size_t number = 0;
  bool heading_allowed = true;
  while (!text.empty()) {
    const size_t stop = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, stop));
    text.remove_prefix(std::min(stop + 1, text.size()));
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const size_t comma = line.find(',');
    double seconds = 0.0, capacity = 0.0;
    const bool numbers = comma != std::string_view::npos && read_number(trimmed(line.substr(0, comma)), seconds) &&
                         read_number(trimmed(line.substr(comma + 1)), capacity);
    const bool heading = std::exchange(heading_allowed, false) && line == "time,bytes_per_second";
    if (heading) continue;
    if (!numbers) fail(number, "\"" + std::string(line) + "\" is not \"seconds,bytes per second\", two numbers");
    if (seconds < 0.0 || seconds > kMaxSeconds)
      fail(number, "the time " + std::to_string(seconds) + " s is not allowed; from 0 to 4.6e9");
    points.push_back({kTimeZero + from_seconds(seconds), capacity});
    lines.push_back(number);
  }
  const auto [what, i] = mistake(points, end);
  if (!what.empty()) fail(i < lines.size() ? lines[i] : 1, what);
  return CapacityTrace(std::move(points), end);
}

}  // namespace sim
