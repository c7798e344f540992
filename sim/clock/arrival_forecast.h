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
  ArrivalForecast(const ClockParts& parts, const Server& server) : parts_(parts), server_(server) {}

  /// The model goes out for a round of this much work, in steps of nominal length.
  void dispatch(const Transfer& model, const Round& round, double work, Time now) {
    if (!server_.policies.front()->looks_ahead()) return;  // nobody asks
    if (const auto arrival = foresee(model.route, work, now))
      expected_.push({*arrival, model.route.child(), round.number});
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
    NodeId worker;
    int64_t round;
    bool operator>(const Expected& other) const { return arrival > other.arrival; }
  };

  /// When it will arrive; none if that depends on others. Time::max() if its worker will not live to see it.
  std::optional<Time> foresee(Route down, double work, Time now) const {
    if (server_.service > Duration::zero()) return std::nullopt;
    const auto sending = parts_.network->fixed_duration(down, parts_.fragments.front().model);
    const auto answering =
        parts_.network->fixed_duration({down.to, down.from}, parts_.fragments.front().pseudo_gradient());
    if (!sending || !answering) return std::nullopt;
    const Workers& workers = parts_.workers;
    const Time arrival = finish_time(*workers.speed[down.to], now + *sending, work) + *answering;
    const Availability* there = workers.availability[down.to].get();
    return there && there->at(now).end < arrival ? Time::max() : arrival;
  }

  const ClockParts& parts_;
  const Server& server_;
  std::priority_queue<Expected, std::vector<Expected>, std::greater<>> expected_;
};

}  // namespace sim
