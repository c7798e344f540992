#pragma once
#include <filesystem>
#include <stdexcept>
#include <string>

#include "experiments/config/json_reader.h"
#include "experiments/run/run_log.h"

namespace experiments {

/// Results that cannot be used: names the file and line, what was found and what belongs there.
struct InvalidResults : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The log of a run from the metrics.jsonl, updates.jsonl and summary.json that write_run() left in `directory`: all
/// that it put there, exactly; a null loss is NaN. Without spans and host time, which are in none of them. Throws
/// InvalidResults.
RunLog read_run(const std::filesystem::path& directory);

/// A file's bytes, of which there may be none. Throws InvalidResults when it is missing or cannot be read.
std::string read_result(const std::filesystem::path& file);

/// A JSON file. Throws InvalidResults when it is missing or not JSON.
Json read_json(const std::filesystem::path& file);

}  // namespace experiments
