#pragma once
#include <string>
#include <vector>

#include "experiments/config/json_reader.h"
#include "experiments/run/comparison.h"
#include "experiments/run/machine_facts.h"
#include "experiments/run/run_log.h"
#include "experiments/run/shared_inputs.h"

namespace experiments {

/// Program name and version.
std::string version_text();

/// The commit that the program was built from, "-dirty" behind it where files were changed; "unknown" without git.
std::string commit_text();

/// What made the results, for manifest.json: versions, commit, compiler, flags, libraries, system, CPU, threads, seeds,
/// corpus hashes and inventories; of each run host seconds and fingerprint, or its error.
Json manifest(const ExperimentConfig&, const std::string& experiment_file, SharedInputs&, const std::vector<RunLog>&,
              const std::vector<RunFailure>&);

/// The first corpus of the manifest `now` whose text is not what the `stored` one says, or "".
std::string changed_corpus(const Json& stored, const Json& now);

}  // namespace experiments
