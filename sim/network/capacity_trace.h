#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sim/units.h"

namespace sim {

/// What holds past the last time of a trace.
enum class TraceEnd {
  hold,   ///< its last value, for ever
  repeat  ///< the whole again and again; the last time is the period's length, and its value must be the first one's
};

/// A link's capacity over time, piecewise constant: from each point's time on its value holds until the next one's.
class CapacityTrace {
 public:
  struct Point {
    Time time;
    double bytes_per_second;
  };
  struct Segment {
    double bytes_per_second;
    Time end;  ///< the capacity may change then; Time::max() if never
  };
  /// Throws std::invalid_argument, naming the point, unless times begin at 0 and rise, values are finite and not
  /// negative, and the last (hold) or any (repeat) value is positive, so that every transfer can end.
  CapacityTrace(std::vector<Point> points, TraceEnd end);
  /// The value that holds from `now` (included) until `end` (excluded). Precondition: now ≥ 0.
  Segment at(Time now) const;

 private:
  std::vector<Point> points_;
  Duration period_{0};  // 0: hold
};

/// Reads lines "time,bytes_per_second" (seconds from the start), with or without such a heading; lines that are empty
/// or begin with # are skipped. Throws std::invalid_argument "name:line: what was found; what is allowed".
CapacityTrace read_capacity_trace(std::string_view text, const std::string& name, TraceEnd end);

}  // namespace sim
