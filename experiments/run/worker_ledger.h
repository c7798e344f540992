#pragma once
#include <vector>

#include "experiments/run/run_log.h"
#include "sim/huge_pages.h"

namespace experiments {

/// Keeps the books of the workers' time: one activity follows another without gap, so what a worker did adds up to the
/// makespan exactly. Kept for each worker with all its spans, or, for statistics of huge populations, for all of them
/// together.
class WorkerLedger {
 public:
  WorkerLedger(size_t workers, bool each) : use_(each ? workers : 0), now_(workers) {}

  /// From `at` on the worker does this. `at` is not before the worker's last change.
  void enter(sim::WorkerId worker, Activity activity, sim::Time at) {
    leave(worker, at);
    now_[worker] = {at, activity};
  }
  /// What enter() will touch, into the cache.
  [[gnu::always_inline]] void fetch(sim::WorkerId worker) const { __builtin_prefetch(&now_[worker], 1); }
  void finish_round(sim::WorkerId worker) {
    if (!use_.empty()) ++use_[worker].rounds;
  }
  void applied(sim::WorkerId worker, int64_t local_steps) {
    if (!use_.empty()) use_[worker].local_steps += local_steps;
  }

  /// Ends everyone's last activity at `end` and moves the books into the log.
  void close(sim::Time end, RunLog& log) {
    for (size_t w = 0; w < now_.size(); ++w) leave(static_cast<sim::WorkerId>(w), end);
    log.activity_seconds = seconds_;
    log.workers = std::move(use_);
    log.spans = std::move(spans_);
  }

 private:
  struct Current {
    sim::Time since{};
    Activity activity = Activity::wait;
  };
  void leave(sim::WorkerId worker, sim::Time at) {
    const Current& current = now_[worker];
    const sim::Duration length = at - current.since;
    if (length == sim::Duration{0}) return;
    seconds_[static_cast<size_t>(current.activity)] += sim::to_seconds(length);
    if (use_.empty()) return;
    use_[worker].of(current.activity) += length;
    spans_.push_back({worker, current.activity, current.since, at});
  }
  std::array<double, kActivities> seconds_{};
  std::vector<WorkerUse> use_;
  sim::LargeVector<Current> now_;
  std::vector<Span> spans_;
};

}  // namespace experiments
