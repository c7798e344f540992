#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
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

struct AlwaysUp {
  static constexpr std::string_view kind = "always";
};
template <class V>
void fields(V&, AlwaysUp&) {}
struct UpIntervalConfig {
  double from_seconds = 0.0;
  std::optional<double> to_seconds;  ///< none: for ever
};
template <class V>
void fields(V& v, UpIntervalConfig& c) {
  v.field("from_seconds", c.from_seconds, V::between(0, kMaxSeconds).needed(), "s", "It comes");
  v.field("to_seconds", c.to_seconds, V::above(0, kMaxSeconds), "s", "It goes; null: never");
}
struct ScheduledAvailability {
  static constexpr std::string_view kind = "scheduled";
  double join_at_seconds = 0.0;
  std::optional<double> leave_at_seconds;
  std::vector<UpIntervalConfig> up;  ///< instead of the two above
};
template <class V>
void fields(V& v, ScheduledAvailability& c) {
  v.field("join_at_seconds", c.join_at_seconds, V::between(0, kMaxSeconds), "s", "It comes");
  v.field("leave_at_seconds", c.leave_at_seconds, V::above(0, kMaxSeconds), "s", "It goes; null: never");
  v.field("up", c.up, V::any(), "", "Instead of the two: the intervals in which it is there");
}
struct RandomAvailability {
  static constexpr std::string_view kind = "random";
  double mean_up_seconds = 3600.0, mean_down_seconds = 600.0;
  double up_shape = 1.0, down_shape = 1.0;
};
template <class V>
void fields(V& v, RandomAvailability& c) {
  v.field("mean_up_seconds", c.mean_up_seconds, V::between(1e-3, 1e9), "s", "Mean time until it goes");
  v.field("mean_down_seconds", c.mean_down_seconds, V::between(1e-3, 1e9), "s", "Mean time until it is back");
  v.field("up_shape", c.up_shape, V::between(0.1, 100), "", "Weibull shape of the time until it goes; 1: exponential");
  v.field("down_shape", c.down_shape, V::between(0.1, 100), "",
          "Weibull shape of the time until it is back; 1: exponential");
}
/// Every availability there is.
using AvailabilityConfig = std::variant<AlwaysUp, ScheduledAvailability, RandomAvailability>;
/// Null where always up.
std::unique_ptr<Availability> make(const AlwaysUp&, const RandomStream& worker);
std::unique_ptr<Availability> make(const ScheduledAvailability&, const RandomStream& worker);
std::unique_ptr<Availability> make(const RandomAvailability&, const RandomStream& worker);

/// Reads who goes and comes from a CSV file `time,worker,state`: at `time` seconds the worker of that index (from 0)
/// goes `down` or comes `up`. Before its first line it was the opposite; workers without a line are always up. Several
/// workers may go at one time. Returns one Availability a worker, null for those always up. Throws TraceError, with
/// file:line, for what read_trace_file() refuses, a worker that is none of 0 … workers − 1, a state that is neither, a
/// worker's second line at one time, and a change to the state that it is in already.
std::vector<std::unique_ptr<Availability>> read_availability_trace(const std::filesystem::path&, int64_t workers);

}  // namespace sim
