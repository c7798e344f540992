#include <memory>

#include "sim/network/capacity_trace.h"
#include "sim/workers/availability.h"
#include "sim/workers/replay_speed.h"
#include "sim/workers/traced_speed.h"
#include "tests/fuzz/fuzz.h"

using namespace sim;

namespace {

/// Walks over pieces of time, each of which must end after it began.
template <class Model>
void walk(const Model& model) {
  Time now = kTimeZero;
  for (int i = 0; i < 100 && now != Time::max(); ++i) {
    const Time end = model.at(now).end;
    fuzz::require(end > now, "every piece of a trace ends after it began");
    now = end;
  }
  model.at(Time::max() - Duration{1});
}

}  // namespace

/// A trace; the first byte says of what and how it ends.
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto path = fuzz::file("trace.csv", fuzz::text(data + 1, size - 1));
  const TraceEnd end = data[0] & 4 ? TraceEnd::repeat : TraceEnd::hold;
  try {
    if (data[0] % 4 == 0) {
      const auto trace = std::make_shared<const SpeedTrace>(read_speed_trace(path, end));
      const TracedSpeed speed(trace, 0.5);
      fuzz::require(speed.mean_steps_per_second() > 0.0, "a worker that computes has a mean speed");
      walk(speed);
    } else if (data[0] % 4 == 1) {
      walk(read_capacity_trace(path, end));
    } else if (data[0] % 4 == 3) {
      for (const auto& [rank, seconds] : read_step_record(path)) {
        const ReplayedSteps steps(seconds, ReplayEnd::repeat, "it");
        fuzz::require(steps.mean_seconds() > 0.0 && steps.work(0, 1, 3) > 0.0, "every step takes some time");
      }
    } else {
      for (const auto& worker : read_availability_trace(path, 5))
        if (worker) walk(*worker);
    }
  } catch (const TraceError&) {
  }
  return 0;
}
