#pragma once
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/clock/counters.h"
#include "sim/clock/distribution.h"

namespace sim {

/// One arrival at the server.
struct ArrivalRecord {
  Time time{};                ///< when it was applied or dropped
  Time served{};              ///< when it was whole at the server and the server had got round to it
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

/// Messages of one direction that have come to their end, and how long they travelled, together.
struct Transfers {
  int64_t count = 0;
  double seconds = 0;
  void add(Duration time) {
    ++count;
    seconds += to_seconds(time);
  }
  /// NaN of none.
  double mean() const { return seconds / static_cast<double>(count); }
};

/// How one worker spent the run: the five add up to the makespan exactly.
struct WorkerUse {
  Duration compute{}, upload{}, download{}, wait{}, down{};
  Duration overlapped{};     ///< of compute: while a message of a worker that trains on travelled
  int64_t rounds = 0;        ///< completed
  int64_t local_steps = 0;   ///< applied
  Transfers received{}, sent{};  ///< its messages; on a ring from the last worker's start on

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

/// What a stretch of the critical path was spent on. Of a worker: all up to `down`.
enum class PathCause : uint8_t {
  compute,
  upload,
  download,
  lost,       ///< in a round that ended with a crash
  down,       ///< it was away
  service,    ///< in the server's hands: its queue and its own time
  policy,     ///< the server's deadline, or its grace window
  unfinished  ///< after the last arrival, until a limit of time or the last worker's departure
};
constexpr auto names_of(PathCause) {
  return std::array{std::pair{PathCause::compute, "compute"},   std::pair{PathCause::upload, "upload"},
                    std::pair{PathCause::download, "download"}, std::pair{PathCause::lost, "lost"},
                    std::pair{PathCause::down, "down"},         std::pair{PathCause::service, "service"},
                    std::pair{PathCause::policy, "policy"},     std::pair{PathCause::unfinished, "unfinished"}};
}
inline constexpr NodeId kNobody = -1;

struct PathStretch {
  NodeId worker = kNobody;  ///< kNobody from `service` on
  PathCause cause = PathCause::unfinished;
  Time begin{}, end{};
};
struct PathShare {
  NodeId worker = kNobody;
  PathCause cause = PathCause::unfinished;
  Duration time{};
  bool operator==(const PathShare&) const = default;
};
/// How long others waited for a worker alone: of the waits that it ended, the last arrival − the one before.
struct Lateness {
  NodeId worker = 0;
  Duration time{};
  int64_t waits = 0;  ///< that it ended, later than the others
  bool operator==(const Lateness&) const = default;
};

/// What the end of a run waited for, followed back to its beginning. Empty where it is not told.
struct CriticalPath {
  std::vector<PathStretch> stretches;  ///< in order, without gap, from 0 to the end
  std::vector<PathShare> shares;  ///< their sums, by worker and cause, the longest first; they add up to the makespan
  std::vector<Lateness> late;     ///< of those who were, the longest first
  int64_t waits = 0;              ///< on the path: how often several messages had to be there
};

/// Everything that the clock of a run leaves behind.
struct ClockLog {
  std::vector<ArrivalRecord> arrivals;
  std::vector<WorkerUse> workers;
  std::vector<Span> spans;
  Counters final;                                      ///< final.time is the makespan
  std::array<double, kActivities> activity_seconds{};  ///< of all workers together, by Activity
  Transfers received, sent;                            ///< of all workers together
  int64_t interruptions = 0;                           ///< how often a worker went down
  Distribution staleness_updates;                      ///< of the arrivals applied
  Distribution staleness_ns;                           ///< the same from dispatch to arrival
  int64_t lost_steps = 0;     ///< inner steps begun whose result was never applied, whatever became of it
  int64_t dropped_steps = 0;  ///< of them: thrown away on arrival (lost message, too late, too stale)
  int64_t crashed_steps = 0;  ///< of them: of rounds that ended with their worker going down
  int64_t crashes = 0;        ///< rounds that ended so
  int64_t longest_round = 0;  ///< local steps of the longest whose pseudo-gradient was applied or dropped
  uint64_t fingerprint = 0;   ///< of the trajectory: arrivals, what became of them, crashes
  CriticalPath path;
  bool out_of_workers = false;  ///< the run ended before its limit, because every worker had left for good
};

}  // namespace sim
