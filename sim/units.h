#pragma once
#include <chrono>
#include <cmath>
#include <cstdint>
#include <stdexcept>

namespace sim {

/// The simulated clock's tag: its points cannot be mixed with the host's. It has no now(): only events move it.
struct SimClock {
  using duration = std::chrono::duration<int64_t, std::nano>;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<SimClock>;
  static constexpr bool is_steady = true;
};

/// Integer nanoseconds, so that ties are exact. Reaches 292 years.
using Duration = SimClock::duration;
using Time = SimClock::time_point;
/// 0 … k − 1 are the workers, then come the servers, the root last: a parent's number is above its children's.
using NodeId = int32_t;
/// A part of the model that travels by itself; 0 of 1 is the whole model.
using FragmentId = int16_t;
/// What travels between a node and its parent about one fragment: the model down, a pseudo-gradient up, one at a time.
using MessageId = int32_t;

/// Numbers messages: node · fragments + fragment, so with one fragment a worker's message has the worker's number.
struct MessageNumbers {
  int fragments = 1;

  bool several() const { return fragments > 1; }
  MessageId message(NodeId node, FragmentId fragment = 0) const { return node * fragments + fragment; }
  NodeId node(MessageId message) const { return several() ? message / fragments : message; }
  /// A division takes as long as ten additions, so that the whole model is not divided.
  FragmentId fragment(MessageId message) const {
    return several() ? static_cast<FragmentId>(message % fragments) : FragmentId{0};
  }
};

inline constexpr Time kTimeZero{};
/// The longest span a single round or transfer may take (146 years); beyond is an error, not an overflow.
inline constexpr double kMaxSeconds = 4.6e9;

/// Nearest nanosecond. Precondition: |seconds| ≤ kMaxSeconds.
inline Duration from_seconds(double seconds) { return Duration{std::llround(seconds * 1e9)}; }
inline double to_seconds(Duration d) { return static_cast<double>(d.count()) / 1e9; }
inline double to_seconds(Time t) { return to_seconds(t.time_since_epoch()); }

/// `span` ≥ 0 after `start`. Throws std::overflow_error past the end of the simulated clock.
inline Time advance(Time start, Duration span) {
  if (start > Time::max() - span) throw std::overflow_error("simulated time passes the end of its clock (292 years)");
  return start + span;
}

}  // namespace sim
