#pragma once
#include <vector>

#include "experiments/run/run_log.h"

namespace experiments {

/// Keeps the books of every worker's time: one activity follows another without gap, so the four sums add up to the
/// makespan exactly.
class WorkerLedger {
 public:
  WorkerLedger(int workers, bool keep_spans) : use_(workers), now_(workers), keep_spans_(keep_spans) {}

  /// From `at` on the worker does this. `at` is not before the worker's last change.
  void enter(sim::WorkerId worker, Activity activity, sim::Time at) {
    leave(worker, at);
    now_[worker] = {activity, at};
  }
  void finish_round(sim::WorkerId worker) { ++use_[worker].rounds; }
  void applied(sim::WorkerId worker, int64_t local_steps) { use_[worker].local_steps += local_steps; }

  /// Ends everyone's last activity at `end` and moves the books into the log.
  void close(sim::Time end, RunLog& log) {
    for (size_t w = 0; w < now_.size(); ++w) leave(static_cast<sim::WorkerId>(w), end);
    log.workers = std::move(use_);
    log.spans = std::move(spans_);
  }

 private:
  struct Current {
    Activity activity = Activity::wait;
    sim::Time since{};
  };
  void leave(sim::WorkerId worker, sim::Time at) {
    const Current& current = now_[worker];
    const sim::Duration length = at - current.since;
    if (length == sim::Duration{0}) return;
    WorkerUse& use = use_[worker];
    switch (current.activity) {
      case Activity::download:
        use.download += length;
        break;
      case Activity::compute:
        use.compute += length;
        break;
      case Activity::upload:
        use.upload += length;
        break;
      case Activity::wait:
        use.wait += length;
        break;
    }
    if (keep_spans_) spans_.push_back({worker, current.activity, current.since, at});
  }
  std::vector<WorkerUse> use_;
  std::vector<Current> now_;
  std::vector<Span> spans_;
  bool keep_spans_;
};

}  // namespace experiments
