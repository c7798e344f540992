#pragma once
#include <functional>
#include <optional>
#include <queue>
#include <span>
#include <vector>

#include "experiments/run/local_sgd_run.h"
#include "experiments/run/round.h"

namespace experiments {

/// What the server can foresee: when rounds will arrive, as far as nothing shared lies on their way.
class ArrivalForecast {
 public:
  explicit ArrivalForecast(const RunParts& parts) : parts_(parts) {}

  /// When the worker's round of this much work, in steps of nominal length, will arrive if it is dispatched now; none
  /// if that depends on others, or if nobody asks. Time::max() if its worker will not live to see it.
  std::optional<sim::Time> dispatch(sim::WorkerId worker, const Round& round, double work, sim::Time now) {
    const std::optional<sim::Time> arrival = foresee(worker, work, now);
    if (arrival && parts_.policy->looks_ahead()) expected_.push({*arrival, worker, round.number});
    return arrival;
  }

  /// The earliest of the arrivals foreseen that are still to come. `rounds`: one a worker.
  std::optional<sim::Time> next(std::span<const Round> rounds) {
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
    sim::Time arrival;
    sim::WorkerId worker;
    int64_t round;
    bool operator>(const Expected& other) const { return arrival > other.arrival; }
  };

  std::optional<sim::Time> foresee(sim::WorkerId worker, double work, sim::Time now) const {
    if (!parts_.policy->looks_ahead() && !parts_.learner) return std::nullopt;  // nobody asks
    if (parts_.service > sim::Duration::zero()) return std::nullopt;
    const auto down = parts_.network->fixed_duration({worker, sim::Direction::download}, parts_.model_bytes);
    const auto up = parts_.network->fixed_duration({worker, sim::Direction::upload}, parts_.pseudo_gradient_bytes());
    if (!down || !up) return std::nullopt;
    const size_t w = static_cast<size_t>(worker);
    const sim::Time arrival = sim::finish_time(*parts_.speeds[w], now + *down, work) + *up;
    if (!parts_.availability.empty() && parts_.availability[w] && parts_.availability[w]->at(now).end < arrival)
      return sim::Time::max();
    return arrival;
  }

  const RunParts& parts_;
  std::priority_queue<Expected, std::vector<Expected>, std::greater<>> expected_;
};

}  // namespace experiments
