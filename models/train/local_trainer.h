#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "models/data/batch_source.h"
#include "models/objective.h"
#include "models/train/cancellation.h"
#include "models/train/inner_optimizer.h"
#include "models/train/schedule.h"

namespace models {

/// No optimizer: the worker sends the plain gradient of one batch (data-parallel training).
struct PlainGradientConfig {
  static constexpr std::string_view kind = "gradient";
};
template <class V>
void fields(V&, PlainGradientConfig&) {}
/// What a worker does with its gradients.
using LocalOptimizer = std::variant<AdamWConfig, SgdConfig, PlainGradientConfig>;

/// How the learning rate of a round's steps is found.
struct RoundSchedule {
  Schedule schedule;                ///< over the steps done on the shard
  bool first_step_at_peak = false;  ///< the round's first step has the peak instead (the authors' notebook)
};

/// One worker's round: `steps` inner steps on `shard`, its batches and learning rates counted from `first_step`.
struct LocalTask {
  int shard = 0;
  int64_t first_step = 0;
  int64_t steps = 0;
};

struct LocalResult {
  Params gradient;           ///< pseudo-gradient: θ at dispatch − θ after local training, or the plain gradient
  double mean_loss = 0;      ///< over the round's steps, before each step
  double gradient_norm = 0;  ///< ‖pseudo-gradient‖₂
};

/// A round in the middle: where LocalTrainer::run was when it was cancelled, and goes on from. Empty: the beginning.
struct LocalProgress {
  int64_t steps = 0;    ///< done
  double loss_sum = 0;  ///< over them
  Params params;        ///< θ after them; empty before the first
};

/// Runs rounds of local training: a pure function of (θ at dispatch, the worker's optimizer state, the task).
/// Thread-safe; keeps scratch for each thread that trains at the same time.
class LocalTrainer {
 public:
  /// `objective` must outlive this. `shards` are the batches of each shard.
  LocalTrainer(const Objective& objective, const LocalOptimizer& optimizer, RoundSchedule schedule,
               std::vector<std::unique_ptr<const BatchSource>> shards);
  ~LocalTrainer();
  /// Precondition: one step where there is no optimizer; the schedule has its end where there is one.
  /// Throws Cancelled when `cancelled` says so between two steps; the optimizer state is then of no use, unless
  /// `progress` is given: it is left where the round was, and with it and that state another call goes on, to the same
  /// bits as if the round had never been cancelled.
  LocalResult run(std::span<const float> start, OptimizerState& state, const LocalTask& task,
                  const CancelCheck& cancelled = {}, LocalProgress* progress = nullptr) const;

 private:
  struct Scratch;
  const Objective& objective_;
  std::optional<InnerConfig> optimizer_;  // none: the plain gradient
  RoundSchedule schedule_;
  std::vector<std::unique_ptr<const BatchSource>> shards_;
  mutable FreeList<Scratch> scratch_;
};

}  // namespace models
