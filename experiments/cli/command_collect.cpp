#include <iostream>

#include "experiments/cli/commands.h"
#include "experiments/cli/options.h"
#include "experiments/cli/terminal.h"
#include "experiments/sweep/collect.h"
#include "experiments/sweep/summary.h"

namespace experiments {
namespace po = boost::program_options;
namespace fs = std::filesystem;

int command_collect(const std::vector<std::string>& arguments) {
  po::options_description options("Options");
  options.add_options()("out,o", po::value<std::string>()->value_name("DIR"),
                        "where the merged runs and the summary go (default: the first DIR)")(
      "target", po::value<std::string>()->value_name("LOSS"), kTargetHelp)("wide", kWideHelp);
  po::variables_map values;
  if (!parse_options("straggle collect DIR... [--out DIR]", options, arguments, values, true)) return 0;
  if (!values.count("FILE"))
    throw UsageError("whose results? e.g. straggle collect results/part-1 results/part-2 --out results/all");
  std::vector<fs::path> sources;
  for (const std::string& source : values["FILE"].as<std::vector<std::string>>()) sources.emplace_back(source);
  const fs::path out = values.count("out") ? fs::path(values["out"].as<std::string>()) : sources[0];
  const Collected collected = collect(sources, out);
  for (const std::string& what : collected.damaged)
    std::cerr << "straggle: note: " << what << ": damaged; that copy of the run counts for nothing\n";
  const RunStore store(out);
  const size_t columns = values.count("wide") ? 0 : terminal_size().columns;
  const auto target = [&](const SweepDesign& design) { return target_option(values, design.baseline); };
  for (const SweepSummary& sweep : write_sweep_summary(store, target))
    std::cout << sweep.design.name << "\n\n" << sweep_table(sweep, columns) << "\n";
  std::cout << collected.added << (collected.added == 1 ? " run" : " runs") << " added, " << collected.known
            << " there already. Results in " << out.string() << "\n";
  return 0;
}

}  // namespace experiments
