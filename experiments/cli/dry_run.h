#pragma once
#include <string>

namespace experiments {

struct ExperimentConfig;

/// Runs the clock of every method without training and tells what its schedule comes to: one line a method. Measures
/// nothing of this machine. `file`: for messages.
std::string dry_run(const ExperimentConfig&, const std::string& file);

/// Runs the clock of every method again with one thing otherwise at a time (what_ifs()), to the same stop: a table a
/// method. Throws UsageError where there are too many workers for that.
std::string what_if_tables(const ExperimentConfig&, const std::string& file);

}  // namespace experiments
