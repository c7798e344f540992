#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "sim/clock/counters.h"
#include "sim/clock/distribution.h"

namespace sim {

/// One arrival at the server.
struct ArrivalRecord {
  Time time{};                ///< of arrival
  int64_t server_update = 0;  ///< server updates done once this one was applied
  int64_t round = 0;          ///< the worker's own round, from 0
  NodeId worker = 0;
  int fragment = 0;
  int shard = 0;
  int64_t local_steps = 0;
  int64_t staleness_updates = 0;  ///< server updates applied between this worker's dispatch and its arrival
  Duration staleness{};           ///< arrival − dispatch
  bool dropped = false;
};

enum class Activity : uint8_t { download, compute, upload, wait, down };
inline constexpr size_t kActivities = 5;

/// One stretch of one worker's time; a worker's spans follow each other without gap from 0 to the end of the run.
struct Span {
  NodeId worker = 0;
  Activity activity = Activity::wait;
  Time begin{};
  Time end{};
};

/// How one worker spent the run: the five add up to the makespan exactly.
struct WorkerUse {
  Duration compute{}, upload{}, download{}, wait{}, down{};
  Duration overlapped{};    ///< of compute: while a message of a worker that trains on travelled
  int64_t rounds = 0;       ///< completed
  int64_t local_steps = 0;  ///< applied

  Duration& of(Activity activity) {
    switch (activity) {
      case Activity::download:
        return download;
      case Activity::compute:
        return compute;
      case Activity::upload:
        return upload;
      case Activity::down:
        return down;
      default:
        return wait;
    }
  }
};

/// Everything that the clock of a run leaves behind.
struct ClockLog {
  std::vector<ArrivalRecord> arrivals;
  std::vector<WorkerUse> workers;
  std::vector<Span> spans;
  Counters final;                                      ///< final.time is the makespan
  std::array<double, kActivities> activity_seconds{};  ///< of all workers together, by Activity
  Distribution staleness_updates;                      ///< of the arrivals applied
  Distribution staleness_ns;                           ///< the same from dispatch to arrival
  int64_t lost_steps = 0;       ///< inner steps begun whose result was never applied, whatever became of it
  int64_t dropped_steps = 0;    ///< of them: thrown away on arrival (lost message, too late, too stale)
  int64_t crashed_steps = 0;    ///< of them: of rounds that ended with their worker going down
  int64_t crashes = 0;          ///< rounds that ended so
  int64_t longest_round = 0;    ///< local steps of the longest whose pseudo-gradient was applied or dropped
  uint64_t fingerprint = 0;     ///< of the trajectory: arrivals, what became of them, crashes
  bool out_of_workers = false;  ///< the run ended before its limit, because every worker had left for good
};

}  // namespace sim
