#pragma once
#include <boost/program_options.hpp>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "experiments/config/json_reader.h"
#include "experiments/config/target.h"
#include "experiments/run/run_log.h"

namespace experiments {

struct ExperimentConfig;
struct MethodConfig;

/// A command line that cannot be used.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Parses a subcommand's arguments, one of which, FILE, is positional (with `many` any number of them, a vector).
/// Prints `usage` and the options and returns false for --help. Throws UsageError.
bool parse_options(const std::string& usage, boost::program_options::options_description options,
                   const std::vector<std::string>& arguments, boost::program_options::variables_map& values,
                   bool many = false);

/// The document in `file` with `settings` applied.
Json load_document(const std::string& file, const std::vector<std::string>& settings);

/// The experiment in `file` with `settings` applied. Throws InvalidConfig for one that describes a sweep.
ExperimentConfig load_experiment(const std::string& file, const std::vector<std::string>& settings);

/// The option --threads, or as many as there are processors. Throws UsageError.
int thread_count(const boost::program_options::variables_map& values);

/// What --target and --wide say, in every command that has them.
inline constexpr const char* kTargetHelp =
    "which loss the time to target and speed-ups are about: baseline (its final loss), common (the lowest that every "
    "method reached) or a number (default: the experiment's)";
inline constexpr const char* kWideHelp = "show all columns of the table, however many the terminal has";
/// What --target says. Throws UsageError.
Target target_of(const std::string& text);
/// Throws UsageError for a target that is the baseline's where there is none ("").
void require_baseline(const Target&, const std::string& baseline);
/// The option --target of results whose baseline is this ("": none), if it was given. Throws UsageError.
std::optional<Target> target_option(const boost::program_options::variables_map& values, const std::string& baseline);
/// The options --set, and --target as one of them.
std::vector<std::string> settings_of(const boost::program_options::variables_map& values);

/// The values of an option that may be repeated; none if it was not given.
std::vector<std::string> all_values(const boost::program_options::variables_map& values, const std::string& option);

/// Throws InvalidConfig naming every trace and speed of the simulated workers that cannot be used.
void require_workers(const ExperimentConfig&, const std::string& file);

/// The same, and every other file that the experiment reads and that does not exist or is none: a pipe, a device.
void require_files(const ExperimentConfig&, const std::string& file);

/// clock(), of a method and seed. Throws InvalidConfig, which names `run` (by default both), for what can only go wrong
/// in the course of a run.
sim::ClockLog in_file(const std::string& file, const MethodConfig&, uint64_t seed,
                      const std::function<sim::ClockLog()>& clock, const std::string& run = {});

/// Runs the clock of a method and seed to its end, so that what can only go wrong in the course of a run, a time past
/// the clock's end, workers that never finish a round, is said before anything is trained: event times are the same.
/// Throws InvalidConfig, which names `run` (by default the method and seed), and Interrupted.
sim::ClockLog clock_of(const MethodConfig&, uint64_t seed, const std::string& file, const std::string& run = {});

}  // namespace experiments
