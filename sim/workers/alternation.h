#pragma once
#include "sim/random.h"
#include "sim/units.h"

namespace sim {

/// How long one of two states lasts: Weibull with this mean, P(longer than x) = exp(−(x Γ(1 + 1/shape) / mean)^shape).
/// Shape 1 is exponential, without memory; above 1 ages, below 1 has many short and a few very long ones.
struct Sojourn {
  double mean_seconds = 1.0;  ///< > 0
  double shape = 1.0;         ///< > 0
};

/// A process that changes between two states for ever, each time for an independent Sojourn: an alternating renewal
/// process, with both shapes 1 a two-state Markov chain. It begins in the first state at time 0. The n-th sojourn is a
/// stateless draw at counter n (even: the first state, odd: the second), so the process does not depend on who asks or
/// when. A sojourn lasts at least a nanosecond and at most kMaxSeconds.
class Alternation {
 public:
  struct State {
    bool second;
    Time end;  ///< first instant of the next sojourn; Time::max() past the end of the clock
  };
  Alternation(Sojourn first, Sojourn second, RandomStream stream);
  /// Precondition: not before time 0. Walks from where it last looked, or from where it last looked back to: both ends
  /// of a worker's round are near one of them.
  State at(Time) const;
  /// Share of the time that is spent in the second state in the long run.
  double second_share() const;

 private:
  struct Place {
    uint64_t number;
    Time begin, end;
  };
  Time end_of(uint64_t number, Time begin) const;

  Sojourn kinds_[2];
  double scale_seconds_[2];
  RandomStream stream_;
  mutable Place place_, behind_;  // caches; no value depends on them
};

}  // namespace sim
