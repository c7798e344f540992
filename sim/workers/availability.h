#pragma once
#include <filesystem>
#include <memory>
#include <vector>

#include "sim/random.h"
#include "sim/units.h"
#include "sim/workers/alternation.h"

namespace sim {

/// When one worker is there. Never changes; it may remember where it last looked, so one object belongs to one run.
class Availability {
 public:
  struct Period {
    bool up;
    Time end;  ///< first instant of the next period, of the other kind; Time::max() when there is none
  };
  virtual ~Availability() = default;
  /// Precondition: not before time 0.
  virtual Period at(Time) const = 0;
};

/// Up from `from`, down again from `to` (Time::max(): never).
struct UpInterval {
  Time from, to;
};

/// Up in these intervals only. Precondition: each is longer than nothing and begins after the one before ended.
std::unique_ptr<Availability> make_scheduled_availability(const std::vector<UpInterval>&);

/// Up and down in turn, up at time 0; the n-th time is a stateless draw (Alternation).
std::unique_ptr<Availability> make_random_availability(Sojourn up, Sojourn down, RandomStream worker);

/// Reads who goes and comes from a CSV file `time,worker,state`: at `time` seconds the worker of that index (from 0)
/// goes `down` or comes `up`. Before its first line it was the opposite; workers without a line are always up. Several
/// workers may go at one time. Returns one Availability a worker, null for those always up. Throws TraceError, with
/// file:line, for what read_trace_file() refuses, a worker that is none of 0 … workers − 1, a state that is neither, a
/// worker's second line at one time, and a change to the state that it is in already.
std::vector<std::unique_ptr<Availability>> read_availability_trace(const std::filesystem::path&, int64_t workers);

}  // namespace sim
