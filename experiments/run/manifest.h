#pragma once
#include <string>
#include <vector>

#include "experiments/config/json_reader.h"
#include "experiments/run/resources.h"
#include "experiments/run/run_log.h"

namespace experiments {

/// Program name and version.
std::string version_text();

/// What made the results, for manifest.json: versions, compiler, flags, CPU, threads, seeds, corpus hashes, host times.
Json manifest(const ExperimentConfig&, const std::string& experiment_file, Resources&, const std::vector<RunLog>&);

}  // namespace experiments
