#include "experiments/cli/results_options.h"

#include <algorithm>
#include <utility>

#include "experiments/cli/options.h"

namespace experiments {
namespace fs = std::filesystem;
namespace po = boost::program_options;

bool parse_results_options(const std::string& usage, po::options_description options,
                           const std::vector<std::string>& arguments, po::variables_map& values) {
  if (!parse_options(usage, std::move(options), arguments, values, true)) return false;
  if (!values.count("FILE"))
    throw UsageError("which results directory? straggle run leaves one, e.g. results/quickstart\nusage: " + usage);
  return true;
}

std::vector<fs::path> results_arguments(const po::variables_map& values) {
  std::vector<fs::path> paths;
  for (const std::string& text : all_values(values, "FILE")) paths.emplace_back(text);
  return paths;
}

std::vector<RunLog*> chosen_runs(Results& results, const po::variables_map& values) {
  std::vector<std::string> methods;
  for (const MethodConfig& method : results.experiment.methods) methods.push_back(method.name);
  const auto& seeds = results.experiment.seeds;
  std::vector<std::string> texts;
  for (const uint64_t s : seeds) texts.push_back(std::to_string(s));
  const auto found =
      values.count("seed") ? std::find(texts.begin(), texts.end(), values["seed"].as<std::string>()) : texts.begin();
  if (found == texts.end())
    throw UsageError("--seed is " + values["seed"].as<std::string>() + "; " + results.directory.string() +
                     " has the seeds " + listed(texts));
  const uint64_t seed = seeds[static_cast<size_t>(found - texts.begin())];
  const bool all = !values.count("method");
  const std::string wanted = all ? "" : values["method"].as<std::string>();
  if (!all && std::find(methods.begin(), methods.end(), wanted) == methods.end())
    throw UsageError("--method is \"" + wanted + "\"; " + results.directory.string() + " has the methods " +
                     listed(methods));
  std::vector<RunLog*> runs;
  for (RunLog& run : results.runs)
    if (run.seed == seed && (all || run.method == wanted)) runs.push_back(&run);
  return runs;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace experiments
