#include <iostream>

#include "experiments/cli/commands.h"
#include "experiments/cli/options.h"
#include "experiments/cli/results_options.h"
#include "experiments/report/files.h"
#include "experiments/report/timeline_trace.h"

namespace experiments {
namespace po = boost::program_options;

int command_timeline(const std::vector<std::string>& arguments) {
  po::options_description options("Options");
  options.add_options()("method,m", po::value<std::string>()->value_name("NAME"),
                        "only this method (default: all, a process each)")(
      "seed,s", po::value<std::string>()->value_name("N"), "the seed (default: the first)")(
      "out,o", po::value<std::string>()->value_name("FILE"),
      "where to (default: RESULTS/timeline.json); a name ending in .gz is compressed")(
      "gzip", "compress, and add .gz to the name")(
      "limit", po::value<int64_t>()->value_name("N")->default_value(1000000), "cut the trace at this many events");
  po::variables_map values;
  const std::string usage = "straggle timeline RESULTS [options]";
  if (!parse_results_options(usage, options, arguments, values)) return 0;
  const auto directories = results_arguments(values);
  if (directories.size() != 1)
    throw UsageError("a timeline is of one results directory, not of " + std::to_string(directories.size()) +
                     "\nusage: " + usage);
  const int64_t limit = values["limit"].as<int64_t>();
  if (limit < 1) throw UsageError("--limit is " + std::to_string(limit) + "; allowed: a whole number of at least 1");

  Results results = read_results(directories[0]);
  std::vector<const RunLog*> runs;
  for (RunLog* run : chosen_runs(results, values)) {
    for (const MethodConfig& method : results.experiment.methods)
      if (method.name == run->method) derive_spans(method.run, *run);
    runs.push_back(run);
  }
  std::filesystem::path out =
      values.count("out") ? std::filesystem::path(values["out"].as<std::string>()) : directories[0] / "timeline.json";
  if (values.count("gzip") && out.extension() != ".gz") out += ".gz";
  const TimelineTrace trace = timeline_trace(runs, static_cast<size_t>(limit));
  replace_file(out, out.extension() == ".gz" ? gzipped(trace.json) : trace.json);
  if (!trace.cut.empty()) std::cerr << "straggle: " << trace.cut << "; --limit N raises the limit of " << limit << "\n";
  std::cout << out.string() << ": open it at https://ui.perfetto.dev or in chrome://tracing\n";
  return 0;
}

}  // namespace experiments
