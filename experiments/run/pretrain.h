#pragma once
#include <functional>

#include "experiments/run/thread_pool.h"
#include "models/data/token_sequence.h"
#include "models/objective.h"
#include "models/train/inner_optimizer.h"

namespace experiments {

struct PretrainedStart;

/// Called now and then with (steps done, training loss).
using PretrainProgress = std::function<void(int64_t, double)>;

/// Pre-training between two steps.
struct PretrainState {
  int64_t steps = 0;  ///< done
  models::Params params;
  models::OptimizerState optimizer;
};

/// Told the state after every step; `last` when it is the last one because somebody wants to stop.
using PretrainKeeper = std::function<void(const PretrainState&, bool last)>;

/// Ordinary training of `state.params`, from where `state` is, on one token sequence. Each step's batch is cut into two
/// fixed halves (where its size is even) whose gradients are computed side by side and averaged in order, so the bits
/// do not depend on the number of threads.
void pretrain(const models::Objective& objective, const PretrainedStart& config, const models::TokenSequence& tokens,
              int64_t context, const models::RandomSource& order, ThreadPool& pool, const PretrainProgress& progress,
              PretrainState& state, const PretrainKeeper& keep = {});

}  // namespace experiments
