#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "experiments/run/run_log.h"

namespace experiments {

struct ExperimentConfig;

/// Where one method's run with one seed leaves its files: <directory>/<method>/<seed>.
std::filesystem::path run_directory(const std::filesystem::path& directory, const std::string& method, uint64_t seed);

inline constexpr const char* kOutOfMemory = "out of memory: a smaller model, batch or number of workers is needed";

/// A run that ended with an error.
struct RunFailure {
  std::string method;
  uint64_t seed = 0;
  std::string message;
};

struct Comparison {
  std::vector<RunLog> runs;          ///< by method, then seed, of the methods that ran with every seed
  std::vector<RunLog> unpaired;      ///< of methods that failed with another seed
  std::vector<RunFailure> failures;  ///< by method, then seed
};

/// The part of an experiment that was run whole: without the methods that failed, and without its baseline if that did.
ExperimentConfig without_failed(ExperimentConfig, const std::vector<RunFailure>&);

}  // namespace experiments
