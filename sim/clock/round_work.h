#pragma once
#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/clock/course.h"
#include "sim/clock/round.h"
#include "sim/per_worker.h"
#include "sim/workers/speed_model.h"
#include "sim/workers/step_jitter.h"

namespace sim {

/// What each worker's round costs: how many steps of nominal length its steps amount to.
class RoundWork {
 public:
  using Jitter = PerWorker<std::shared_ptr<const StepJitter>>;

  /// `jitter` outlives this; null: none.
  RoundWork(const Jitter& jitter, size_t workers) : jitter_(jitter) {
    const auto& kinds = jitter.values();
    if (std::any_of(kinds.begin(), kinds.end(), [](const auto& kind) { return kind != nullptr; }))
      drawn_.resize(workers);
  }

  /// What the worker's next round would cost with so many steps. By the worker's own step numbers, so that its n-th
  /// step costs the same under every method.
  double next(NodeId worker, const Round& round, int64_t steps) const {
    const StepJitter* jitter = drawn_.empty() ? nullptr : jitter_[worker].get();
    return jitter ? jitter->work(round.number, drawn_[static_cast<size_t>(worker)].steps, steps)
                  : static_cast<double>(steps);
  }
  /// The fewest steps of the worker's next round, at least one, that take it so long from now on. Throws
  /// std::overflow_error where they are more than any round may have.
  int64_t steps_within(NodeId worker, const Round& round, const SpeedModel& speed, Time now, Duration at_least) const {
    const Time end = advance(now, at_least);
    const auto reached = [&](int64_t steps) { return finish_time(speed, now, next(worker, round, steps)) >= end; };
    int64_t few = 0, enough = 1;  // `few` are not enough
    for (; !reached(enough); enough *= 2) {
      if (enough > kMostSteps)
        throw std::overflow_error("/local_steps/seconds: a round would have more than " + std::to_string(kMostSteps) +
                                  " steps; less time or slower workers are needed");
      few = enough;
    }
    while (few + 1 < enough) {
      const int64_t middle = few + (enough - few) / 2;
      (reached(middle) ? enough : few) = middle;
    }
    return enough;
  }

  /// What these cost, of which the steps whose forward pass ends with them, the round's, count as dispatched from now
  /// on.
  double draw(NodeId worker, const Round& round, const SomeSteps& some) {
    const StepJitter* jitter = drawn_.empty() ? nullptr : jitter_[worker].get();
    if (!jitter) return some.first + static_cast<double>(some.whole) + some.last;
    int64_t& steps = drawn_[static_cast<size_t>(worker)].steps;
    const int64_t first = steps - some.begun, whole = first + (some.first > 0);
    steps += round.steps;
    return some.first * jitter->work(round.number, first, 1) + jitter->work(round.number, whole, some.whole) +
           some.last * jitter->work(round.number, whole + some.whole, 1);
  }

  /// The round's steps are known.
  void draw(NodeId worker, const Round& round) {
    if (drawn_.empty()) return;
    Drawn& drawn = drawn_[static_cast<size_t>(worker)];
    drawn.work = next(worker, round, round.steps);
    drawn.steps += round.steps;
  }

  /// Of the round drawn last.
  double of(NodeId worker, const Round& round) const {
    return drawn_.empty() ? static_cast<double>(round.steps) : drawn_[static_cast<size_t>(worker)].work;
  }

 private:
  static constexpr int64_t kMostSteps = 100'000'000;
  struct Drawn {
    int64_t steps = 0;  // the worker's own, dispatched so far
    double work = 0.0;
  };
  const Jitter& jitter_;
  std::vector<Drawn> drawn_;  // one per worker, or empty without jitter
};

}  // namespace sim
