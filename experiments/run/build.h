#pragma once
#include "experiments/config/experiment_config.h"
#include "experiments/run/local_sgd_run.h"
#include "experiments/run/resources.h"

namespace experiments {

/// Names to objects: the parts of a run that only tells time. Reads traces but no data; shards count as equally large.
RunParts build_clock(const RunConfig&, uint64_t seed);

/// The schedule of a run without its records: statistics and totals alone, at a few bytes a worker.
RunLog run_clock(const RunConfig&, uint64_t seed, const Progress& = {});

/// The parts of a run that learns. Trains the starting point if nobody has yet.
RunParts build_run(const RunConfig&, uint64_t seed, Resources&, const PretrainProgress&);

/// What a run minimises: its model on its data. Throws std::invalid_argument on an impossible shape.
std::unique_ptr<models::Objective> build_objective(const RunConfig&);

/// Number of real parameters of a run's model.
int64_t parameter_count(const RunConfig&);

}  // namespace experiments
