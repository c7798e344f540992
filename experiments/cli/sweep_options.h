#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "experiments/sweep/slurm.h"

namespace experiments {

/// The command line of `straggle sweep`.
struct SweepOptions {
  std::string file;
  std::vector<std::string> settings;  ///< --set
  std::filesystem::path out;          ///< empty: results/<name>
  int threads = 1;
  bool threads_given = false;
  size_t jobs = 0;             ///< runs at a time; 0: as many as keep the threads busy
  size_t part = 1, parts = 1;  ///< --shard
  bool wide = false;
  bool list = false, retry_failed = false, quiet = false, ignore_memory = false;
  bool slurm = false, dry_run = false, parallel = false;
  SlurmResources resources;
  size_t per_task = 1;     ///< runs in one task of the array
  size_t array_chunk = 0;  ///< tasks in one array at most; 0: what the cluster allows
};

/// Throws UsageError. False for --help, which it prints.
bool parse_sweep_options(const std::vector<std::string>& arguments, SweepOptions& options);

}  // namespace experiments
