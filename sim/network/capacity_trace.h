#pragma once
#include <filesystem>
#include <vector>

#include "sim/trace_file.h"
#include "sim/units.h"

namespace sim {

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
  /// How long so many bytes take that begin to flow at `begin`; +∞ where not within the clock's range. Precondition:
  /// begin ≥ 0.
  double seconds_for(double bytes, Time begin) const;
  const std::vector<Point>& points() const { return points_; }

 private:
  std::vector<Point> points_;
  Duration period_{0};           // 0: hold
  double bytes_a_period_ = 0.0;  // of a repeating one
};

/// Reads a CSV file "time,bytes_per_second", as read_trace_file() does. Throws TraceError, with file:line, also for
/// what CapacityTrace refuses.
CapacityTrace read_capacity_trace(const std::filesystem::path&, TraceEnd end);

}  // namespace sim
