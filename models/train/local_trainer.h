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
  int64_t batch = 1;                ///< examples in one of those steps
  bool first_step_at_peak = false;  ///< the round's first step has the peak instead (the authors' notebook)
};

/// One node's round: `steps` inner steps, each on the next `batch` of the shard's examples, from `first_example` on. A
/// step's learning rate is that of the schedule's step at its first example.
struct LocalTask {
  int shard = 0;
  int64_t first_example = 0;
  int64_t batch = 1;
  int64_t steps = 0;
  int64_t done = 0;     ///< of them, so far
  double loss_sum = 0;  ///< over those, before each step

  double mean_loss() const { return loss_sum / static_cast<double>(done); }
};

/// A node's own copy of the model. Never communicated whole: what travels are differences.
struct LocalModel {
  Params params;  ///< θ; after a round without an optimizer, its plain gradient
  OptimizerState optimizer;
};

/// Trains in rounds: a pure function of (θ, the optimizer's state, the task). Thread-safe; keeps scratch for each
/// thread that trains at the same time.
class LocalTrainer {
 public:
  /// `objective` must outlive this. `shards` are the batches of each shard.
  LocalTrainer(const Objective& objective, const LocalOptimizer& optimizer, RoundSchedule schedule,
               std::vector<std::unique_ptr<const BatchSource>> shards);
  ~LocalTrainer();
  /// Does what is left of the task. Precondition: one step where there is no optimizer; the schedule has its end where
  /// there is one. Throws Cancelled when `cancelled` says so between two steps; another call then goes on, to the same
  /// bits as if the round had never been cancelled.
  void run(LocalModel&, LocalTask&, const CancelCheck& cancelled = {}) const;
  /// Turns the model after a round into its pseudo-gradient: `start` − θ, or the plain gradient, which it is already.
  void difference(std::span<const float> start, Params& trained) const;

 private:
  struct Scratch;
  const Objective& objective_;
  std::optional<InnerConfig> optimizer_;  // none: the plain gradient
  RoundSchedule schedule_;
  std::vector<std::unique_ptr<const BatchSource>> shards_;
  mutable FreeList<Scratch> scratch_;
};

}  // namespace models
