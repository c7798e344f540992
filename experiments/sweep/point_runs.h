#pragma once
#include <functional>
#include <vector>

#include "experiments/run/run_log.h"
#include "experiments/sweep/design.h"
#include "experiments/sweep/store.h"

namespace experiments {

/// A point's finished runs, method by method, seed by seed, without spans. `other` is told of each that has not
/// finished: the method's number, the seed, its state and key. Throws InvalidResults.
std::vector<RunLog> finished_runs(
    const SweepDesign&, size_t point, const RunStore&,
    const std::function<void(size_t method, uint64_t seed, RunState, const std::string& key)>& other);

}  // namespace experiments
