#pragma once
#include <algorithm>
#include <memory>
#include <vector>

#include "sim/clock/round.h"
#include "sim/per_worker.h"
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
  struct Drawn {
    int64_t steps = 0;  // the worker's own, dispatched so far
    double work = 0.0;
  };
  const Jitter& jitter_;
  std::vector<Drawn> drawn_;  // one per worker, or empty without jitter
};

}  // namespace sim
