#pragma once
#include <functional>
#include <optional>
#include <queue>
#include <span>
#include <vector>

#include "sim/clock/clock_parts.h"
#include "sim/clock/round.h"

namespace sim {

/// What the server can foresee: when rounds will arrive, as far as nothing shared lies on their way.
class ArrivalForecast {
 public:
  explicit ArrivalForecast(const ClockParts& parts) : parts_(parts) {}

  /// The worker's round of this much work, in steps of nominal length, is dispatched.
  void dispatch(WorkerId worker, const Round& round, double work, Time now) {
    if (!parts_.policy->looks_ahead()) return;  // nobody asks
    if (const auto arrival = foresee(worker, work, now)) expected_.push({*arrival, worker, round.number});
  }

  /// The earliest of the arrivals foreseen that are still to come. `rounds`: one a worker.
  std::optional<Time> next(std::span<const Round> rounds) {
    const auto over = [&](const Expected& e) {
      const Round& round = rounds[static_cast<size_t>(e.worker)];
      return round.stage == Stage::none || round.number != e.round;
    };
    while (!expected_.empty() && over(expected_.top())) expected_.pop();
    if (expected_.empty()) return std::nullopt;
    return expected_.top().arrival;
  }

 private:
  struct Expected {
    Time arrival;
    WorkerId worker;
    int64_t round;
    bool operator>(const Expected& other) const { return arrival > other.arrival; }
  };

  /// When it will arrive; none if that depends on others. Time::max() if its worker will not live to see it.
  std::optional<Time> foresee(WorkerId worker, double work, Time now) const {
    if (parts_.service > Duration::zero()) return std::nullopt;
    const auto down = parts_.network->fixed_duration({worker, Direction::download}, parts_.model_bytes);
    const auto up = parts_.network->fixed_duration({worker, Direction::upload}, parts_.pseudo_gradient_bytes());
    if (!down || !up) return std::nullopt;
    const size_t w = static_cast<size_t>(worker);
    const Time arrival = finish_time(*parts_.speeds[w], now + *down, work) + *up;
    if (!parts_.availability.empty() && parts_.availability[w] && parts_.availability[w]->at(now).end < arrival)
      return Time::max();
    return arrival;
  }

  const ClockParts& parts_;
  std::priority_queue<Expected, std::vector<Expected>, std::greater<>> expected_;
};

}  // namespace sim
