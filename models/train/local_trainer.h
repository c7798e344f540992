#pragma once
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "models/data/shards.h"
#include "models/objective.h"
#include "models/train/cancellation.h"
#include "models/train/free_list.h"
#include "models/train/inner_optimizer.h"
#include "models/train/schedule.h"

namespace models {

using InnerConfig = std::variant<AdamWConfig, SgdConfig>;

/// One inner step with whichever optimizer is configured; returns the gradient's norm before clipping.
double inner_step(const InnerConfig&, const ParamLayout&, double learning_rate, std::span<float> params,
                  std::span<float> gradient, OptimizerState&);

/// One worker's round: `steps` inner steps on `shard`, its batches and learning rates counted from `first_step`.
struct LocalTask {
  int shard = 0;
  int64_t first_step = 0;
  int64_t steps = 0;
};

struct LocalResult {
  Params gradient;           ///< pseudo-gradient: θ at dispatch − θ after local training
  double mean_loss = 0;      ///< over the round's steps, before each step
  double gradient_norm = 0;  ///< ‖pseudo-gradient‖₂
};

/// Runs rounds of local training: a pure function of (θ at dispatch, the worker's optimizer state, the task).
/// Thread-safe; keeps one workspace for each thread that trains at the same time.
class LocalTrainer {
 public:
  /// `objective` must outlive this. `shards` are the batches of each shard.
  LocalTrainer(const Objective& objective, InnerConfig optimizer, Schedule schedule, std::vector<ShardBatches> shards);
  ~LocalTrainer();
  /// Throws Cancelled when `cancelled` says so between two steps; the optimizer state is then of no use.
  LocalResult run(std::span<const float> start, OptimizerState& state, const LocalTask& task,
                  const CancelCheck& cancelled = {}) const;

 private:
  struct Scratch;
  const Objective& objective_;
  InnerConfig optimizer_;
  Schedule schedule_;
  std::vector<ShardBatches> shards_;
  mutable FreeList<Scratch> scratch_;
};

}  // namespace models
