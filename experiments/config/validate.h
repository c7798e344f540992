#pragma once
#include <vector>

#include "experiments/config/invalid_config.h"

namespace experiments {

struct ExperimentConfig;
struct RunConfig;

/// What no single key can tell: settings that contradict each other. Appends to `mistakes`, pointers relative to the
/// run.
void validate_run(const RunConfig&, std::vector<Mistake>& mistakes);
/// Of those, what its links and its network's kind decide.
void validate_network(const RunConfig&, std::vector<Mistake>& mistakes);
/// Names, seeds and baseline across methods.
void validate_comparison(const ExperimentConfig&, std::vector<Mistake>& mistakes);

}  // namespace experiments
