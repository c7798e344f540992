#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace experiments {

/// What Slurm is asked for, as its options take it; what is not given is left to Slurm.
struct SlurmResources {
  std::optional<std::string> partition, time, memory;
  int cpus = 1;
};

/// A sweep cut into parts, one a task of a job array.
struct SlurmJobs {
  std::string name;                 ///< of the sweep
  std::filesystem::path directory;  ///< for scripts and logs; absolute
  std::string sweep_command;        ///< for the shell, to which "--shard PART/parts" is added
  std::string collect_command;      ///< for the shell
  std::vector<size_t> parts;        ///< those with something to do, from 1, increasing
  size_t of = 1;                    ///< all parts
  size_t largest_array = 1000;      ///< tasks in one array at most
  SlurmResources resources;
};

/// The arrays' scripts, and one that collects. Array indices count from 0 in each, below MaxArraySize however many
/// parts there are.
struct SlurmScripts {
  std::vector<std::string> arrays;
  std::string collect;
};
SlurmScripts slurm_scripts(const SlurmJobs&);

/// MaxArraySize of the cluster; 1001, Slurm's default, where `scontrol` does not tell. An array's indices are below it.
size_t max_array_size();

/// Writes the scripts to the jobs' directory and submits them, the collecting one to start when all arrays have ended.
/// Returns sbatch's job numbers, the collecting one last. Throws OutputError with sbatch's message.
std::vector<std::string> submit(const SlurmJobs&);

}  // namespace experiments
