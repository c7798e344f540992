#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "experiments/config/json_reader.h"
#include "experiments/run/output_error.h"
#include "experiments/run/player.h"
#include "experiments/run/shared_inputs.h"

namespace experiments {

struct MethodConfig;

/// A checkpoint of something else than what is to go on from it: says what differs.
struct OtherExperiment : OutputError {
  using OutputError::OutputError;
};

/// Where a run keeps its checkpoints and how often it makes one, in real time; one more when the pool is cancelled and,
/// with `at_end`, one when the run has ended, from which it comes back without training. If there is one already, the
/// run goes on from it, to the same bits as if it had never stopped.
struct CheckpointOptions {
  std::filesystem::path directory;
  Json identity;  ///< RunKeys::identity, which a checkpoint has to share: OtherExperiment where it does not
  std::chrono::milliseconds every;
  bool at_end = true;
  /// Told of a checkpoint that could not be written or read (the run goes on, from an older one or the beginning), or
  /// that was made on another machine.
  std::function<void(const std::string&)> warn;
};

struct TrainOptions {
  /// Where initial.safetensors and final.safetensors go, made if need be.
  std::optional<std::filesystem::path> weights;
  /// Ends the run after so many server updates, with all else as for the whole run.
  std::optional<int64_t> most_updates;
  std::optional<CheckpointOptions> checkpoints;
};

/// One method with one seed, trained to the end, its log complete with names. Throws OutputError where its parameters
/// cannot be written or its checkpoint is another's (OtherExperiment): that is no failure of the run.
RunLog train(const MethodConfig&, uint64_t seed, SharedInputs&, const PretrainProgress&, const Progress&,
             const TrainOptions& = {});

}  // namespace experiments
