#pragma once
#include <string>

#include "experiments/config/experiment_config.h"

namespace experiments {

/// Runs the clock of every method without training and tells what its schedule comes to: one line a method. Measures
/// nothing of this machine. `file`: for messages.
std::string dry_run(const ExperimentConfig&, const std::string& file);

}  // namespace experiments
