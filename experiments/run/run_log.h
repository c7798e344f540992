#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "experiments/run/cluster_numbers.h"
#include "experiments/run/worker_names.h"
#include "sim/clock/clock_log.h"

namespace experiments {

using sim::Activity;
using sim::Counters;
using sim::CriticalPath;
using sim::Distribution;
using sim::kActivities;
using sim::Span;
using sim::WorkerUse;

/// One evaluation of the server's model on the validation set. Costs no simulated time.
struct Evaluation {
  Counters at;
  double loss = 0;                  ///< nats a token, over all validation windows used
  std::vector<double> domain_loss;  ///< the same for each domain, in RunLog::domains order
};

/// What an arrival did, as far as learning goes; zeros where it was dropped.
struct ArrivalFacts {
  double train_loss = 0;     ///< mean over the round's steps
  double gradient_norm = 0;  ///< of the pseudo-gradient
  std::optional<double>
      cosine_to_momentum;  ///< with the outer momentum before the update; none while that is zero or the rule has none
};

struct UpdateRecord : sim::ArrivalRecord, ArrivalFacts {};

/// Everything that one run (one method, one seed) leaves behind: what its clock left, its `arrivals` having become
/// `updates` and its fingerprint having the final model in it, and what was learned.
struct RunLog : sim::ClockLog {
  std::string method;
  uint64_t seed = 0;
  WorkerNames names;
  std::vector<std::string> domains;
  double bytes_per_token = 1.0;  ///< of the validation text; bits per byte = loss / ln 2 / bytes_per_token
  /// ln of the vocabulary or of the classes: what guessing costs.
  double guessing_loss = std::numeric_limits<double>::infinity();
  std::vector<Evaluation> evaluations;  ///< first at the start, last at the end
  std::vector<UpdateRecord> updates;
  std::optional<ClusterNumbers> cluster;
  bool diverged = false;  ///< a loss or a pseudo-gradient was not finite; the run ended at once or an evaluation later
  double host_seconds = 0;  ///< real time of the run; informative, decides nothing and is in no compared file
};

/// The clock's log with what each applied arrival did; `facts` may be empty: nothing was learned.
RunLog joined(sim::ClockLog, std::span<const ArrivalFacts> facts);

}  // namespace experiments
