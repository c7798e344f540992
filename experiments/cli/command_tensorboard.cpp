#include <iostream>

#include "experiments/cli/commands.h"
#include "experiments/cli/options.h"
#include "experiments/cli/results_options.h"
#include "experiments/report/files.h"
#include "experiments/report/process.h"
#include "experiments/report/tensorboard.h"
#include "experiments/run/comparison.h"
#include "experiments/run/results_directory.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

// TensorBoard looks for "tfevents" in the name; the digits are where others put the time of writing, which is none of a
// run's.
constexpr const char* kEventFile = "events.out.tfevents.0000000000.straggle";

/// Whether the directory holds event files of ours and nothing else.
bool is_log_directory(const fs::path& directory) {
  std::error_code error;
  bool ours = false;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (fs::is_directory(it->symlink_status())) continue;
    if (it->path().filename() != kEventFile) return false;
    ours = true;
  }
  return ours && !error;
}

}  // namespace

int command_tensorboard(const std::vector<std::string>& arguments) {
  po::options_description options("Options");
  options.add_options()("out,o", po::value<std::string>()->value_name("DIR"),
                        "log directory (default: RESULTS/tensorboard); must not exist yet")(
      "overwrite", "replace the log directory if it exists and holds nothing else");
  po::variables_map values;
  const std::string usage = "straggle tensorboard RESULTS [--out DIR] [--overwrite]";
  if (!parse_results_options(usage, options, arguments, values)) return 0;
  const auto directories = results_arguments(values);
  if (directories.size() != 1)
    throw UsageError("event files are made of one results directory, not of " + std::to_string(directories.size()) +
                     "\nusage: " + usage);

  const Results results = read_results(directories[0]);
  ResultsDirectory out(values.count("out") ? fs::path(values["out"].as<std::string>()) : directories[0] / "tensorboard",
                       values.count("overwrite") > 0, is_log_directory);
  for (const RunLog& run : results.runs) {
    const fs::path place = run_directory(out.path(), run.method, run.seed);
    fs::create_directories(place);
    write_file(place / kEventFile, tensorboard_events(run));
  }
  out.commit();
  const size_t files = results.runs.size();
  std::cout << out.target().string() << ": " << files << (files == 1 ? " event file" : " event files")
            << "; look at them with  tensorboard --logdir " << shell_word(out.target().string()) << "\n";
  return 0;
}

}  // namespace experiments
