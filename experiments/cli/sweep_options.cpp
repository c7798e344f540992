#include "experiments/cli/sweep_options.h"

#include <charconv>

#include "experiments/cli/options.h"
#include "experiments/run/thread_pool.h"

namespace experiments {
namespace {

namespace po = boost::program_options;

/// "3/8": the third of eight parts.
void parse_shard(const std::string& text, SweepOptions& options) {
  const char* const end = text.data() + text.size();
  const auto part = std::from_chars(text.data(), end, options.part);
  bool good = part.ec == std::errc() && part.ptr != end && *part.ptr == '/';
  if (good) {
    const auto parts = std::from_chars(part.ptr + 1, end, options.parts);
    good = parts.ec == std::errc() && parts.ptr == end && options.part >= 1 && options.part <= options.parts;
  }
  if (!good)
    throw UsageError("--shard is " + text +
                     "; allowed: PART/PARTS with a part from 1 to the number of parts, e.g. --shard 3/8");
}

int within(const char* option, int value, int low, int high) {
  if (value < low || value > high)
    throw UsageError(std::string(option) + " is " + std::to_string(value) + "; allowed: from " + std::to_string(low) +
                     " to " + std::to_string(high));
  return value;
}

/// What goes into a script's header: one word, so that it cannot become another option.
std::optional<std::string> one_word(const po::variables_map& values, const char* name) {
  if (!values.count(name)) return std::nullopt;
  const auto text = values[name].as<std::string>();
  if (text.empty() || text.find_first_of(" \t\r\n\"'\\") != std::string::npos)
    throw UsageError(std::string("--") + name + " is \"" + text + "\"; allowed: one word");
  return text;
}

}  // namespace

bool parse_sweep_options(const std::vector<std::string>& arguments, SweepOptions& options) {
  po::options_description all("Options");
  all.add_options()(
      "out,o", po::value<std::string>()->value_name("DIR"),
      "where runs and summary go (default: results/<name>); runs that are there already are not run again")(
      "set", po::value<std::vector<std::string>>()->composing()->value_name("/POINTER=VALUE"),
      "change a setting at all points; may be repeated")(
      "list", "only show the points, which runs are done, and what the others will cost")(
      "jobs", po::value<int>()->value_name("N"), "runs at a time (default: threads + 1); changes no result")(
      "threads,j", po::value<int>()->value_name("T"),
      "threads that train, for all runs together (default: all processors); changes no result")(
      "shard", po::value<std::string>()->value_name("I/N"),
      "run only the I-th of N parts; straggle collect makes the summary")("retry-failed",
                                                                          "run again what failed before")(
      "ignore-memory", "begin even if there seems to be too little memory")("quiet,q", "no progress lines")(
      "target", po::value<std::string>()->value_name("LOSS"), kTargetHelp)("wide", kWideHelp)(
      "parallel", "only print a GNU parallel command line that runs the sweep in parts")(
      "slurm", "submit the sweep as a Slurm job array, and a job that collects")(
      "dry-run", "with --slurm: only print the scripts; needs no Slurm");
  po::options_description slurm("With --slurm");
  slurm.add_options()("partition", po::value<std::string>()->value_name("P"), "Slurm partition")(
      "time", po::value<std::string>()->value_name("T"), "time limit of a task, as Slurm writes it: 30, 2:00:00, 1-0")(
      "cpus", po::value<int>()->value_name("N"), "processors, and threads, of a task (default: 1)")(
      "mem", po::value<std::string>()->value_name("M"), "memory of a task, as Slurm writes it: 4G")(
      "per-task", po::value<int>()->value_name("N"), "runs of a task; also with --parallel (default: 1)")(
      "array-chunk", po::value<int>()->value_name("N"),
      "tasks in one array at most (default: the cluster's MaxArraySize)");
  all.add(slurm);
  po::variables_map values;
  if (!parse_options("straggle sweep FILE [options]", all, arguments, values)) return false;
  if (!values.count("FILE"))
    throw UsageError("which experiment file? e.g. straggle sweep experiments/catalog/sweeps/heterogeneity.json");
  const auto number = [&](const char* name, int fallback, int high) {
    return values.count(name) ? within((std::string("--") + name).c_str(), values[name].as<int>(), 1, high) : fallback;
  };
  options.file = values["FILE"].as<std::string>();
  options.settings = settings_of(values);
  options.wide = values.count("wide") > 0;
  if (values.count("out")) options.out = values["out"].as<std::string>();
  options.threads = thread_count(values);
  options.threads_given = values.count("threads") > 0;
  options.jobs = static_cast<size_t>(number("jobs", 0, 10000));
  if (values.count("shard")) parse_shard(values["shard"].as<std::string>(), options);
  options.list = values.count("list") > 0;
  options.retry_failed = values.count("retry-failed") > 0;
  options.quiet = values.count("quiet") > 0;
  options.ignore_memory = values.count("ignore-memory") > 0;
  options.slurm = values.count("slurm") > 0;
  options.dry_run = values.count("dry-run") > 0;
  options.parallel = values.count("parallel") > 0;
  options.resources = {one_word(values, "partition"), one_word(values, "time"), one_word(values, "mem"),
                       number("cpus", 1, 1024)};
  options.per_task = static_cast<size_t>(number("per-task", 1, 1'000'000));
  options.array_chunk = static_cast<size_t>(number("array-chunk", 0, 10'000'000));
  if (options.list + options.slurm + options.parallel > 1)
    throw UsageError("--list, --slurm and --parallel exclude each other");
  if (options.dry_run && !options.slurm)
    throw UsageError("--dry-run goes with --slurm; --list shows what a sweep would run");
  if ((options.slurm || options.parallel) && options.parts > 1)
    throw UsageError("--shard excludes --slurm and --parallel, which make the parts themselves");
  for (const char* name : {"partition", "time", "cpus", "mem", "array-chunk"})
    if (values.count(name) && !options.slurm) throw UsageError(std::string("--") + name + " goes with --slurm");
  if (values.count("per-task") && !options.slurm && !options.parallel)
    throw UsageError("--per-task goes with --slurm and --parallel");
  return true;
}

}  // namespace experiments
