#pragma once
#include <functional>

#include "experiments/config/experiment_config.h"
#include "experiments/run/thread_pool.h"
#include "models/objective.h"

namespace experiments {

/// Called now and then with (steps done, training loss).
using PretrainProgress = std::function<void(int64_t, double)>;

/// Ordinary training of `params` in place on one token sequence. Each step's batch is cut into two fixed halves (where
/// its size is even) whose gradients are computed side by side and averaged in order, so the bits do not depend on the
/// number of threads.
void pretrain(const models::Objective& objective, const PretrainedStart& config, const std::vector<int32_t>& tokens,
              int64_t context, const models::RandomSource& order, ThreadPool& pool, const PretrainProgress& progress,
              models::Params& params);

}  // namespace experiments
