#include "sim/network/capacity_trace.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace sim {
namespace {

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
  if (end == TraceEnd::hold) return;
  period_ = points_.back().time - kTimeZero;
  for (size_t i = 0; i + 1 < points_.size(); ++i)
    bytes_a_period_ += points_[i].bytes_per_second * to_seconds(points_[i + 1].time - points_[i].time);
}

double CapacityTrace::seconds_for(double bytes, Time begin) const {
  // Whole periods first, which may be many; the last one is left to the walk below.
  const double periods = period_ > Duration::zero() ? std::max(0.0, std::ceil(bytes / bytes_a_period_) - 1.0) : 0.0;
  const double skipped = periods * to_seconds(period_);
  if (skipped > kMaxSeconds) return skipped;
  bytes -= periods * bytes_a_period_;
  for (Time now = begin;;) {
    const Segment segment = at(now);
    const double left = segment.end == Time::max() ? std::numeric_limits<double>::infinity()
                                                   : segment.bytes_per_second * to_seconds(segment.end - now);
    if (bytes <= left)
      return skipped + to_seconds(now - begin) + (bytes > 0.0 ? bytes / segment.bytes_per_second : 0.0);
    bytes -= left;
    now = segment.end;
  }
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

CapacityTrace read_capacity_trace(const std::filesystem::path& path, TraceEnd end) {
  const TraceFile file = read_trace_file(path, {"time,bytes_per_second"});
  std::vector<CapacityTrace::Point> points;
  for (const TraceFile::Row& row : file.rows) points.push_back({row.time, file.number(row, 1)});
  const auto [what, i] = mistake(points, end);
  if (!what.empty()) file.refuse(file.rows[i], what);
  return CapacityTrace(std::move(points), end);
}

}  // namespace sim
