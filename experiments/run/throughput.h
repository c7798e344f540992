#pragma once
#include <span>

#include "experiments/run/run_log.h"

namespace experiments {

struct ExperimentConfig;
struct RunConfig;

/// How fast this machine trains a model.
struct TrainingSpeed {
  double tokens_per_second = 0;
  double flops_per_second = 0;  ///< forward + backward, as Objective::flops_per_target counts
};

/// Trains `threads` independent models at once on one random batch, a thread each, for about `seconds` of host time and
/// at least two steps. Reads the host clock: for information only.
TrainingSpeed measure_training(const RunConfig&, int threads, double seconds);

/// What running an experiment would take here.
struct HostEstimate {
  double seconds = 0;
  double tokens_per_second = 0;  ///< of the first method, all threads
};

/// Training, pre-training and evaluation of all methods, whose counters end as in `ends`, and of all seeds, at the
/// speed measured now, about `seconds` of host time a distinct model. A model of which a single step would take longer
/// is taken to reach the FLOP/s of a small one.
HostEstimate estimate_host_time(const ExperimentConfig&, std::span<const Counters> ends, int threads, double seconds);

}  // namespace experiments
