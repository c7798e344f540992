#pragma once
#include <vector>

#include "sim/clock/clock_log.h"
#include "sim/huge_pages.h"

namespace sim {

/// Keeps the books of the workers' time: one activity follows another without gap, so what a worker did adds up to the
/// makespan exactly. Kept for each worker with all its spans, or, for statistics of huge populations, for all of them
/// together.
class WorkerLedger {
 public:
  WorkerLedger(size_t workers, bool each) : use_(each ? workers : 0), now_(workers) {}

  /// From `at` on the worker does this. `at` is not before the worker's last change.
  void enter(NodeId worker, Activity activity, Time at) {
    leave(worker, at);
    now_[worker] = {at, activity};
  }
  /// What enter() will touch, into the cache.
  [[gnu::always_inline]] void fetch(NodeId worker) const { __builtin_prefetch(&now_[worker], 1); }
  void finish_round(NodeId worker) {
    if (!use_.empty()) ++use_[worker].rounds;
  }
  void applied(NodeId worker, int64_t local_steps) {
    if (!use_.empty()) use_[worker].local_steps += local_steps;
  }

  /// Ends everyone's last activity at `end` and moves the books into the log.
  void close(Time end, ClockLog& log) {
    for (size_t w = 0; w < now_.size(); ++w) leave(static_cast<NodeId>(w), end);
    log.activity_seconds = seconds_;
    log.workers = std::move(use_);
    log.spans = std::move(spans_);
  }

 private:
  struct Current {
    Time since{};
    Activity activity = Activity::wait;
  };
  void leave(NodeId worker, Time at) {
    const Current& current = now_[worker];
    const Duration length = at - current.since;
    if (length == Duration{0}) return;
    seconds_[static_cast<size_t>(current.activity)] += to_seconds(length);
    if (use_.empty()) return;
    use_[worker].of(current.activity) += length;
    spans_.push_back({worker, current.activity, current.since, at});
  }
  std::array<double, kActivities> seconds_{};
  std::vector<WorkerUse> use_;
  LargeVector<Current> now_;
  std::vector<Span> spans_;
};

}  // namespace sim
