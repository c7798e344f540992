#pragma once
#include <filesystem>

#include "experiments/run/run_log.h"

namespace experiments {

/// The log of a run from the metrics.jsonl, updates.jsonl and summary.json that write_run() left in `directory`; a null loss is NaN.
/// Without spans and host time, which are in none of them. Throws std::runtime_error naming the file (and line) that cannot be read.
RunLog read_run(const std::filesystem::path& directory);

}  // namespace experiments
