#include <algorithm>
#include <cassert>
#include <cmath>
#include <stdexcept>

#include "sim/workers/speed_model.h"

namespace sim {
namespace {

/// Nanoseconds one step takes. The speed was rounded once or twice on its way here (1 / 3.33), which a million steps
/// would make visible.
double pace(double steps_per_second) {
  const double exact = 1e9 / steps_per_second;
  const double whole = std::nearbyint(exact);
  return std::abs(exact - whole) <= 4e-16 * whole ? whole : exact;
}

[[noreturn]] void too_late() {
  throw std::overflow_error(
      "a worker's local steps would not end within 146 simulated years: the worker is too slow or stands still");
}

}  // namespace

Time finish_time(const SpeedModel& speed, Time start, double steps) {
  assert(steps >= 0.0);
  const double longest = kMaxSeconds * 1e9;
  Time now = start;
  while (steps > 0.0) {
    const SpeedModel::Segment segment = speed.at(now);
    assert(segment.steps_per_second >= 0.0 && segment.end > now);
    const double elapsed = static_cast<double>((now - start).count());
    if (elapsed > longest) too_late();
    if (segment.steps_per_second > 0.0) {
      const double step = pace(segment.steps_per_second);
      const double needed = steps * step;
      const double available = segment.end == Time::max() ? longest : static_cast<double>((segment.end - now).count());
      if (needed <= available) {
        if (elapsed + needed > longest) too_late();
        return advance(now, Duration{std::llround(needed)});
      }
      steps = std::max(steps - available / step, 0.0);
    }
    if (segment.end == Time::max()) too_late();
    now = segment.end;
  }
  return now;
}

}  // namespace sim
