#pragma once
#include <filesystem>
#include <optional>

#include "experiments/config/experiment_config.h"
#include "experiments/run/local_sgd_run.h"
#include "experiments/run/resources.h"

namespace experiments {

/// One method with one seed, trained to the end, or to `most_updates` server updates with all else as for the whole
/// run, its log complete with names. Initial and final parameters go into `weights` (which is made) as
/// initial.safetensors and final.safetensors, if it is given.
RunLog train(const MethodConfig&, uint64_t seed, Resources&, const PretrainProgress&, const Progress&,
             const std::optional<std::filesystem::path>& weights, std::optional<int64_t> most_updates = std::nullopt);

}  // namespace experiments
