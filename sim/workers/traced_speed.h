#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/trace_file.h"
#include "sim/workers/speed_model.h"

namespace sim {

/// A speed that was measured.
struct TracedSpeedConfig {
  static constexpr std::string_view kind = "traced";
  std::string file;
  TraceEnd end = TraceEnd::hold;
  double seconds_per_step = 1.0;  ///< where the trace has factors
};
template <class V>
void fields(V& v, TracedSpeedConfig& c) {
  v.field("file", c.file, V::not_empty().needed(), "path",
          "CSV of `time,steps_per_second` or `time,factor` (seconds; times the speed), relative to this file");
  v.field("end", c.end, V::any(), "",
          "After the last row: hold its value, or repeat from the start (the last time is the period)");
  v.field("seconds_per_step", c.seconds_per_step, V::between(1e-9, 1e6), "s",
          "Time of a step at factor 1 (a trace of factors)");
}

/// A speed over time as it was measured: `value[i]` from `begin[i]` on.
struct SpeedTrace {
  std::vector<Time> begin;    ///< rising, the first 0
  std::vector<double> value;  ///< ≥ 0: steps per second, or factors
  bool factors = false;       ///< of a speed, not speeds
  TraceEnd end = TraceEnd::hold;
};

/// Reads a CSV file whose header is `time,steps_per_second` or `time,factor` (time in seconds; 0 is a standstill).
/// Throws TraceError, with file:line, also for a trace that stands still for ever.
SpeedTrace read_speed_trace(const std::filesystem::path&, TraceEnd);

/// Computes at the traced speed times `scale` > 0. The mean speed is the trace's mean over time from 0 to its last row
/// (of a trace that holds: where that is 0 or it has one row only, the last value).
class TracedSpeed final : public SpeedModel {
 public:
  TracedSpeed(std::shared_ptr<const SpeedTrace> trace, double scale);
  Segment at(Time) const override;
  double mean_steps_per_second() const override;

 private:
  std::shared_ptr<const SpeedTrace> trace_;
  double scale_;
};

}  // namespace sim
