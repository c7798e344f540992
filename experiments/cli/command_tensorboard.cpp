#include <iostream>

#include "experiments/cli/commands.h"
#include "experiments/cli/options.h"
#include "experiments/cli/results_options.h"
#include "experiments/report/files.h"
#include "experiments/report/process.h"
#include "experiments/report/tensorboard.h"
#include "experiments/run/comparison.h"
#include "experiments/run/file_list.h"
#include "experiments/run/results_directory.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

// TensorBoard looks for "tfevents" in the name; the digits are where others put the time of writing, which is none of a
// run's.
constexpr const char* kEventFile = "events.out.tfevents.0000000000.straggle";

/// Stops where --overwrite would remove anything but event files of ours.
void require_log_directory(const fs::path& directory) {
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const fs::path name = it->path().filename();
    if (!fs::is_directory(it->symlink_status()) && name != kEventFile && name != kFileList)
      throw OutputError(
          directory.string() + ": exists and holds " + text_of(name.string()) +
          ", which is no event file, so --overwrite leaves it alone; choose another place with --out DIR");
  }
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
  const fs::path place =
      values.count("out") ? fs::path(values["out"].as<std::string>()) : directories[0] / "tensorboard";
  const bool replace = values.count("overwrite") > 0;
  if (replace) require_log_directory(place);
  ResultsDirectory out(place, replace);
  for (const RunLog& run : results.runs) {
    const fs::path directory = run_directory(out.path(), run.method, run.seed);
    fs::create_directories(directory);
    write_file(directory / kEventFile, tensorboard_events(run));
  }
  out.commit();
  const size_t files = results.runs.size();
  std::cout << out.target().string() << ": " << files << (files == 1 ? " event file" : " event files")
            << "; look at them with  tensorboard --logdir " << shell_word(out.target().string()) << "\n";
  return 0;
}

}  // namespace experiments
