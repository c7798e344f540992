#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "experiments/config/experiment_config.h"
#include "experiments/run/local_sgd_run.h"
#include "experiments/run/resources.h"

namespace experiments {

/// Where a run keeps its checkpoints and how often it makes one, in real time; one more when the pool is cancelled and,
/// with `at_end`, one when the run has ended, from which it comes back without training. If there is one already, the
/// run goes on from it, to the same bits as if it had never stopped.
struct CheckpointOptions {
  std::filesystem::path directory;
  std::chrono::milliseconds every;
  bool at_end = true;
  /// Told of a checkpoint that could not be written or read; the run goes on (from an older one, or the beginning).
  std::function<void(const std::string&)> warn;
};

struct TrainOptions {
  /// Where initial.safetensors and final.safetensors go, made if need be.
  std::optional<std::filesystem::path> weights;
  /// Ends the run after so many server updates, with all else as for the whole run.
  std::optional<int64_t> most_updates;
  std::optional<CheckpointOptions> checkpoints;
};

/// One method with one seed, trained to the end, its log complete with names.
RunLog train(const MethodConfig&, uint64_t seed, Resources&, const PretrainProgress&, const Progress&,
             const TrainOptions& = {});

}  // namespace experiments
