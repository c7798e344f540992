#include <iostream>

#include "experiments/cli/commands.h"
#include "experiments/cli/options.h"
#include "experiments/cli/results_options.h"
#include "experiments/report/files.h"
#include "experiments/report/tensorboard.h"
#include "experiments/run/comparison.h"
#include "experiments/run/results_directory.h"

namespace experiments {
namespace fs = std::filesystem;
namespace po = boost::program_options;

int command_tensorboard(const std::vector<std::string>& arguments) {
  po::options_description options("Options");
  options.add_options()("out,o", po::value<std::string>()->value_name("DIR"),
                        "log directory (default: RESULTS/tensorboard); must not exist yet")(
      "overwrite", "replace the log directory if it exists");
  po::variables_map values;
  const std::string usage = "straggle tensorboard RESULTS [--out DIR]";
  if (!parse_results_options(usage, options, arguments, values)) return 0;
  const auto directories = results_arguments(values);
  if (directories.size() != 1)
    throw UsageError("event files are made of one results directory, not of " + std::to_string(directories.size()) +
                     "\nusage: " + usage);

  const Results results = read_results(directories[0]);
  ResultsDirectory out(values.count("out") ? fs::path(values["out"].as<std::string>()) : directories[0] / "tensorboard",
                       values.count("overwrite") > 0);
  for (const RunLog& run : results.runs) {
    const fs::path place = run_directory(out.path(), run.method, run.seed);
    fs::create_directories(place);
    // TensorBoard looks for "tfevents" in the name; the digits are where others put the time of writing, which is none
    // of a run's.
    write_file(place / "events.out.tfevents.0000000000.straggle", tensorboard_events(run));
  }
  out.commit();
  std::cout << "tensorboard --logdir " << out.target().string() << "\n";
  return 0;
}

}  // namespace experiments
