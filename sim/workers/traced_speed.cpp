#include "sim/workers/traced_speed.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "sim/trace_file.h"

namespace sim {

SpeedTrace read_speed_trace(const std::filesystem::path& path, TraceEnd end) {
  const TraceFile file = read_trace_file(path, {"time,steps_per_second", "time,factor"});
  SpeedTrace trace;
  trace.factors = file.header == "time,factor";
  trace.end = end;
  for (const TraceFile::Row& row : file.rows) {
    if (trace.begin.empty() && row.time != kTimeZero)
      file.refuse(row, "the trace begins at " + row.cells[0] + " s; allowed: 0");
    if (!trace.begin.empty() && row.time == trace.begin.back())
      file.refuse(row, "time " + row.cells[0] + " stands there already; allowed: times that rise by a nanosecond");
    const double value = file.number(row, 1);
    if (value > 1e9) file.refuse(row, row.cells[1] + " is too fast; allowed: at most 1e9");
    trace.begin.push_back(row.time);
    trace.value.push_back(value);
  }
  const TraceFile::Row& last = file.rows.back();
  if (end == TraceEnd::hold && trace.value.back() == 0.0)
    file.refuse(last, "the worker stands still for ever from here on; allowed: a last value above 0, or to repeat");
  if (end == TraceEnd::repeat && trace.begin.size() < 2)
    file.refuse(last, "one row cannot repeat; allowed: a last row whose time is the period");
  if (end == TraceEnd::repeat && last.time - kTimeZero < std::chrono::milliseconds(1))
    file.refuse(last, "the trace repeats after " + last.cells[0] + " s; allowed: at least 0.001");
  if (end == TraceEnd::repeat &&
      std::all_of(trace.value.begin(), trace.value.end() - 1, [](double v) { return v == 0.0; }))
    file.refuse(last, "the worker stands still for ever; allowed: a value above 0 before the last row");
  return trace;
}

TracedSpeed::TracedSpeed(std::shared_ptr<const SpeedTrace> trace, double scale)
    : trace_(std::move(trace)), scale_(scale) {
  assert(!trace_->begin.empty() && trace_->begin.front() == kTimeZero && scale > 0.0);
}

SpeedModel::Segment TracedSpeed::at(Time t) const {
  assert(t >= kTimeZero);
  const std::vector<Time>& begin = trace_->begin;
  Duration before{0};  // whole periods
  if (trace_->end == TraceEnd::repeat) {
    const Duration period = begin.back() - kTimeZero;
    before = (t - kTimeZero) / period * period;
  }
  const auto next = std::upper_bound(begin.begin(), begin.end(), t - before);
  const double value = trace_->value[static_cast<size_t>(next - begin.begin()) - 1];
  const Time end = next == begin.end() || *next > Time::max() - before ? Time::max() : *next + before;
  return {value * scale_, end};
}

double TracedSpeed::mean_steps_per_second() const {
  const std::vector<Time>& begin = trace_->begin;
  double steps = 0.0;
  for (size_t i = 0; i + 1 < begin.size(); ++i) steps += trace_->value[i] * to_seconds(begin[i + 1] - begin[i]);
  return scale_ * (steps > 0.0 ? steps / to_seconds(begin.back()) : trace_->value.back());
}

}  // namespace sim
