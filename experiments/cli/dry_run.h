#pragma once
#include <string>

namespace experiments {

struct ExperimentConfig;

/// Runs the clock of every method without training and tells what its schedule comes to: one line a method. Measures
/// nothing of this machine. `file`: for messages.
std::string dry_run(const ExperimentConfig&, const std::string& file);

}  // namespace experiments
