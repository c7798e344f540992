#pragma once
#include <algorithm>
#include <memory>
#include <vector>

#include "sim/clock/clock_log.h"
#include "sim/clock/prices.h"
#include "sim/huge_pages.h"
#include "sim/network/network.h"
#include "sim/per_worker.h"
#include "sim/workers/speed_model.h"

namespace sim {

/// Keeps the books of the workers' time: one activity follows another without gap, so what a worker did adds up to the
/// makespan exactly. Kept for each worker with all its spans, or, for statistics of huge populations, for all of them
/// together.
class WorkerLedger {
 public:
  using Speeds = PerWorker<std::shared_ptr<const SpeedModel>>;

  /// `failing`: speeds that tell when a worker computes although it stands still; null: none does.
  /// `prices`: null: none.
  WorkerLedger(size_t workers, bool each, const Speeds* failing, const Prices* prices)
      : use_(each ? workers : 0), now_(workers), failing_(failing), prices_(prices) {}

  /// From `at` on the worker does this. `at` is not before the worker's last change.
  void enter(NodeId worker, Activity activity, Time at) {
    leave(worker, at);
    now_[worker] = {at, activity};
  }
  /// What enter() will touch, into the cache.
  [[gnu::always_inline]] void fetch(NodeId worker) const { __builtin_prefetch(&now_[worker], 1); }
  /// One message of the worker's more, or less, is under way from `at` on.
  void travels(NodeId worker, int more, Time at) {
    if (use_.empty()) return;
    travelling_.resize(use_.size());
    settle_overlap(worker, at);
    travelling_[static_cast<size_t>(worker)].messages += more;
  }
  /// A message of the worker's has come to its end, after so long on its way.
  void travelled(NodeId worker, Direction direction, Duration time) {
    const bool up = direction == Direction::upload;
    (up ? sent_ : received_).add(time);
    if (!use_.empty()) (up ? use_[worker].sent : use_[worker].received).add(time);
  }
  void finish_round(NodeId worker) {
    if (!use_.empty()) ++use_[worker].rounds;
  }
  void applied(NodeId worker, int64_t local_steps) {
    if (!use_.empty()) use_[worker].local_steps += local_steps;
  }

  /// Of the workers' time until `at`, which is not before anyone's last change. Precondition: there are prices.
  struct Cost {
    double usd = 0, joules = 0;
  };
  Cost cost(Time at) const {
    Cost sum = cost_;
    for (size_t w = 0; w < now_.size(); ++w)
      stretches(static_cast<NodeId>(w), at, [&](Activity activity, Time from, Time to) {
        charge(sum, static_cast<NodeId>(w), activity, to - from);
      });
    return sum;
  }

  /// Ends everyone's last activity at `end` and moves the books into the log.
  void close(Time end, ClockLog& log) {
    for (size_t w = 0; w < now_.size(); ++w) leave(static_cast<NodeId>(w), end);
    log.activity_seconds = seconds_;
    log.received = received_;
    log.sent = sent_;
    log.interruptions = interruptions_;
    log.workers = std::move(use_);
    log.spans = std::move(spans_);
  }

 private:
  struct Current {
    Time since{};
    Activity activity = Activity::wait;
  };
  struct Travelling {
    int messages = 0;
    Time since{};
  };
  /// Of the time since it was last asked what was computed while a message travelled.
  void settle_overlap(NodeId worker, Time at) {
    Travelling& travelling = travelling_[static_cast<size_t>(worker)];
    const Current& current = now_[worker];
    if (travelling.messages > 0 && current.activity == Activity::compute)
      use_[worker].overlapped += at - std::max(current.since, travelling.since);
    travelling.since = at;
  }
  void leave(NodeId worker, Time at) {
    if (!travelling_.empty()) settle_overlap(worker, at);
    stretches(worker, at, [&](Activity activity, Time from, Time to) { add(worker, activity, from, to); });
  }
  /// each(activity, from, to) of what the worker has done since its last change: computing, where its speed says so, in
  /// turn with being down.
  template <class Each>
  void stretches(NodeId worker, Time at, Each&& each) const {
    const Current& current = now_[worker];
    if (!failing_ || current.activity != Activity::compute) return each(current.activity, current.since, at);
    for (Time from = current.since; from < at;) {
      bool down = false;
      Time to = from;
      for (bool same = true; same && to < at;) {
        const SpeedModel::Segment segment = (*failing_)[worker]->at(to);
        same = to == from || segment.down == down;
        if (!same) break;
        down = segment.down;
        to = std::min(segment.end, at);
      }
      each(down ? Activity::down : Activity::compute, from, to);
      from = to;
    }
  }
  void charge(Cost& cost, NodeId worker, Activity activity, Duration length) const {
    if (activity == Activity::down) return;
    cost.usd += prices_->usd_per_second[worker] * to_seconds(length);
    cost.joules += prices_->watts[worker] * to_seconds(length);
  }
  void add(NodeId worker, Activity activity, Time from, Time to) {
    const Duration length = to - from;
    if (length == Duration{0}) return;
    seconds_[static_cast<size_t>(activity)] += to_seconds(length);
    interruptions_ += activity == Activity::down && from > kTimeZero;
    if (prices_) charge(cost_, worker, activity, length);
    if (use_.empty()) return;
    use_[worker].of(activity) += length;
    spans_.push_back({worker, activity, from, to});
  }
  std::array<double, kActivities> seconds_{};
  Transfers received_, sent_;
  int64_t interruptions_ = 0;
  std::vector<WorkerUse> use_;
  LargeVector<Current> now_;
  const Speeds* failing_;
  const Prices* prices_;
  Cost cost_;  // of what has ended
  std::vector<Span> spans_;
  std::vector<Travelling> travelling_;  // one per worker, once a message is told of
};

}  // namespace sim
