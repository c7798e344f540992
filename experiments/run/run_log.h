#pragma once
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "experiments/run/distribution.h"
#include "sim/units.h"

namespace experiments {

/// The separate counters of a run; each may stop it.
struct Counters {
  int64_t server_updates = 0;
  int64_t local_steps = 0;  ///< inner steps of the applied updates, and of those dropped for their staleness
  int64_t tokens = 0;       ///< training tokens of those steps
  sim::Time time{};         ///< simulated
  uint64_t bytes_up = 0;    ///< sent so far, all workers
  uint64_t bytes_down = 0;
};

/// One evaluation of the server's model on the validation set. Costs no simulated time.
struct Evaluation {
  Counters at;
  double loss = 0;                  ///< nats a token, over all validation windows used
  std::vector<double> domain_loss;  ///< the same for each domain, in RunLog::domains order
};

/// One arrival at the server.
struct UpdateRecord {
  sim::Time time{};           ///< of arrival
  int64_t server_update = 0;  ///< server updates done once this one was applied
  int64_t round = 0;          ///< the worker's own round, from 0
  sim::WorkerId worker = 0;
  int shard = 0;
  int64_t local_steps = 0;
  int64_t staleness_updates = 0;  ///< server updates applied between this worker's dispatch and its arrival
  sim::Duration staleness{};      ///< arrival − dispatch
  double train_loss = 0;          ///< mean over the round's steps
  double gradient_norm = 0;       ///< of the pseudo-gradient
  std::optional<double>
      cosine_to_momentum;  ///< with the outer momentum before the update; none while that is zero or the rule has none
  bool dropped = false;
};

enum class Activity : uint8_t { download, compute, upload, wait, down };
inline constexpr size_t kActivities = 5;

/// One stretch of one worker's time; a worker's spans follow each other without gap from 0 to the end of the run.
struct Span {
  sim::WorkerId worker = 0;
  Activity activity = Activity::wait;
  sim::Time begin{};
  sim::Time end{};
};

/// How one worker spent the run: the five add up to the makespan exactly.
struct WorkerUse {
  sim::Duration compute{}, upload{}, download{}, wait{}, down{};
  int64_t rounds = 0;       ///< completed
  int64_t local_steps = 0;  ///< applied

  sim::Duration& of(Activity activity) {
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

/// Everything that one run (one method, one seed) leaves behind.
struct RunLog {
  std::string method;
  uint64_t seed = 0;
  std::vector<std::string> domains;
  double bytes_per_token = 1.0;  ///< of the validation text; bits per byte = loss / ln 2 / bytes_per_token
  /// ln of the vocabulary or of the classes: what guessing costs.
  double guessing_loss = std::numeric_limits<double>::infinity();
  std::vector<Evaluation> evaluations;  ///< first at the start, last at the end
  std::vector<UpdateRecord> updates;
  std::vector<WorkerUse> workers;
  std::vector<Span> spans;
  Counters final;                                      ///< final.time is the makespan
  std::array<double, kActivities> activity_seconds{};  ///< of all workers together, by Activity
  Distribution staleness_updates;                      ///< of the arrivals applied
  Distribution staleness_ns;                           ///< the same from dispatch to arrival
  int64_t lost_steps = 0;     ///< inner steps begun whose result was never applied, whatever became of it
  int64_t dropped_steps = 0;  ///< of them: thrown away on arrival (lost message, too late, too stale)
  int64_t crashed_steps = 0;  ///< of them: of rounds that ended with their worker going down
  int64_t crashes = 0;        ///< rounds that ended so
  int64_t longest_round = 0;  ///< local steps of the longest whose pseudo-gradient was applied or dropped
  bool diverged = false;  ///< a loss or a pseudo-gradient was not finite; the run ended at once or an evaluation later
  uint64_t fingerprint = 0;     ///< of the trajectory: arrivals, what became of them, crashes; and the final model
  bool out_of_workers = false;  ///< the run ended before its limit, because every worker had left for good
  double host_seconds = 0;      ///< real time of the run; informative, decides nothing and is in no compared file
};

}  // namespace experiments
