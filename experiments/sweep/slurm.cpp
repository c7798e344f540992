#include "experiments/sweep/slurm.h"

#include <algorithm>

#include "experiments/report/files.h"
#include "experiments/report/process.h"
#include "experiments/run/results_directory.h"

namespace experiments {
namespace {

constexpr size_t kDefaultMaxArraySize = 1001;

std::string header(const SlurmJobs& jobs, const std::string& what, const std::string& log) {
  std::string place = jobs.directory.string();
  for (size_t at = 0; (at = place.find('%', at)) != std::string::npos; at += 2)
    place.insert(at, "%");  // Slurm's own % patterns
  std::string text = "#!/bin/sh\n#SBATCH --job-name=straggle-" + jobs.name + what + "\n#SBATCH --output=\"" + place +
                     "/" + log + "\"\n";
  if (jobs.resources.partition) text += "#SBATCH --partition=" + *jobs.resources.partition + "\n";
  return text;
}

/// The shell's words for the parts that tasks first … last − 1 do, in order of the task's index.
std::string part_list(const SlurmJobs& jobs, size_t first, size_t last) {
  std::string list;
  for (size_t i = first; i < last; ++i) list += (i > first ? " " : "") + std::to_string(jobs.parts[i]);
  return list;
}

std::string array_script(const SlurmJobs& jobs, size_t first, size_t last) {
  const SlurmResources& resources = jobs.resources;
  std::string text = header(jobs, "", jobs.name + "-%A_%a.log");
  text += "#SBATCH --array=0-" + std::to_string(last - first - 1) +
          "\n#SBATCH --ntasks=1\n#SBATCH --cpus-per-task=" + std::to_string(resources.cpus) + "\n";
  if (resources.time) text += "#SBATCH --time=" + *resources.time + "\n";
  if (resources.memory) text += "#SBATCH --mem=" + *resources.memory + "\n";
  text += "set -eu\n";
  const bool consecutive = jobs.parts[last - 1] - jobs.parts[first] == last - 1 - first;
  if (consecutive)
    text += "part=$((SLURM_ARRAY_TASK_ID + " + std::to_string(jobs.parts[first]) + "))\n";
  else
    text += "# The parts that had something left to do.\nset -- " + part_list(jobs, first, last) +
            "\nshift \"$SLURM_ARRAY_TASK_ID\"\npart=$1\n";
  return text + "exec " + jobs.sweep_command + " --shard \"$part/" + std::to_string(jobs.of) + "\"\n";
}

/// sbatch's job number for a script with further options.
std::string sbatch(const std::filesystem::path& script, const std::vector<std::string>& options) {
  std::vector<std::string> command{"sbatch", "--parsable"};
  command.insert(command.end(), options.begin(), options.end());
  command.push_back(script.string());
  const ProcessResult result = run_program(command, script.parent_path());
  if (!result.started)
    throw OutputError(
        "sbatch is not here: --slurm submits from a machine of the cluster; --dry-run prints the scripts anywhere");
  if (result.status != 0) throw OutputError("sbatch refused " + script.string() + ": " + result.errors);
  const std::string job = result.output.substr(0, result.output.find_first_of(";\n"));
  if (job.empty() || job.find_first_not_of("0123456789") != std::string::npos)
    throw OutputError("sbatch gave no job number: " + result.output);
  return job;
}

}  // namespace

SlurmScripts slurm_scripts(const SlurmJobs& jobs) {
  SlurmScripts scripts;
  for (size_t first = 0; first < jobs.parts.size(); first += jobs.largest_array)
    scripts.arrays.push_back(array_script(jobs, first, std::min(jobs.parts.size(), first + jobs.largest_array)));
  scripts.collect = header(jobs, "-collect", jobs.name + "-collect-%j.log") + "#SBATCH --ntasks=1\nexec " +
                    jobs.collect_command + "\n";
  return scripts;
}

size_t max_array_size() {
  const ProcessResult result = run_program({"scontrol", "show", "config"}, "/");
  const size_t key = result.output.find("MaxArraySize");
  if (!result.started || key == std::string::npos) return kDefaultMaxArraySize;
  const size_t value = result.output.find_first_of("0123456789", key);
  try {
    return value == std::string::npos ? kDefaultMaxArraySize
                                      : std::max<size_t>(1, std::stoul(result.output.substr(value)));
  } catch (const std::exception&) {
    return kDefaultMaxArraySize;
  }
}

std::vector<std::string> submit(const SlurmJobs& jobs) {
  std::error_code error;
  std::filesystem::create_directories(jobs.directory, error);
  if (error) throw OutputError(jobs.directory.string() + ": cannot be created: " + error.message());
  const SlurmScripts scripts = slurm_scripts(jobs);
  std::vector<std::string> numbers;
  std::string after = "--dependency=afterany";
  for (size_t i = 0; i < scripts.arrays.size(); ++i) {
    const auto file = jobs.directory / (jobs.name + "-" + std::to_string(i + 1) + ".sh");
    replace_file(file, scripts.arrays[i]);
    numbers.push_back(sbatch(file, {}));
    after += ":" + numbers.back();
  }
  const auto file = jobs.directory / (jobs.name + "-collect.sh");
  replace_file(file, scripts.collect);
  numbers.push_back(sbatch(file, {after}));
  return numbers;
}

}  // namespace experiments
