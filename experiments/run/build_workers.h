#pragma once
#include <vector>

#include "experiments/config/invalid_config.h"
#include "sim/clock/clock_parts.h"

namespace experiments {

struct RunConfig;

/// A run's cluster. Workers that are alike share one object. Throws sim::TraceError for a trace file that cannot be
/// used.
sim::Workers build_workers(const RunConfig&, uint64_t seed);

/// Sequences, or points, of every worker's inner step.
sim::PerWorker<int64_t> build_batches(const RunConfig&);

/// Every worker's steps per second in the long run, as a server may know them: its speed with profile, the mean over
/// slow spells, a trace's mean over time, over the mean of its jitter.
std::vector<double> known_speeds(const RunConfig&, const sim::Workers&);

/// Bytes of a model or a pseudo-gradient on a link: the stand-in's, or the model's as float32.
uint64_t transfer_bytes(const RunConfig&);

/// What only the run's trace files and its model can tell: traces that cannot be used, hardware on which a step would
/// take no time or years. Pointers relative to the run.
std::vector<Mistake> worker_mistakes(const RunConfig&);

}  // namespace experiments
