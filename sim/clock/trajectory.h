#pragma once
#include <algorithm>
#include <utility>
#include <vector>

#include "sim/clock/clock_log.h"
#include "sim/clock/round.h"
#include "sim/fingerprint.h"

namespace sim {

/// What becomes of a pseudo-gradient.
enum class Fate : uint8_t { arrived, applied, dropped, crashed };

/// What happened, in order: the records of the arrivals and the fingerprint. Neither is kept in statistics of huge
/// populations, whose fingerprint nobody compares.
class Trajectory {
 public:
  explicit Trajectory(bool kept) : kept_(kept) {}

  void add(Fate fate, Time now, NodeId worker, const Round& round) {
    if (!kept_) return;
    fingerprint_.add(static_cast<uint64_t>(now.time_since_epoch().count()));
    fingerprint_.add(static_cast<uint64_t>(worker) << 32 | static_cast<uint32_t>(round.shard));
    fingerprint_.add(static_cast<uint64_t>(round.steps) << 2 | static_cast<uint64_t>(fate));
  }

  /// `updates_before`: server updates when it arrived; `updates`: once it was applied.
  void record(Time now, NodeId worker, FragmentId fragment, const Round& round, int64_t updates_before, int64_t updates,
              bool dropped) {
    longest_round_ = std::max(longest_round_, round.steps);
    if (!kept_) return;
    arrivals_.push_back({.time = now,
                         .served = round.served,
                         .server_update = updates,
                         .round = round.number,
                         .worker = worker,
                         .fragment = fragment,
                         .shard = round.shard,
                         .local_steps = round.steps,
                         .staleness_updates = updates_before - round.updates_at_dispatch,
                         .staleness = now - round.dispatched,
                         .dropped = dropped});
  }

  /// Moves everything into the log.
  void close(ClockLog& log) {
    log.fingerprint = fingerprint_.value();
    log.arrivals = std::move(arrivals_);
    log.longest_round = longest_round_;
  }

 private:
  const bool kept_;
  Fingerprint fingerprint_;
  std::vector<ArrivalRecord> arrivals_;
  int64_t longest_round_ = 0;
};

}  // namespace sim
