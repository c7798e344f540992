#include <iostream>

#include "experiments/cli/commands.h"
#include "experiments/cli/options.h"
#include "experiments/cli/results_options.h"
#include "experiments/report/files.h"
#include "experiments/report/writers.h"

namespace experiments {
namespace po = boost::program_options;

int command_report(const std::vector<std::string>& arguments) {
  po::options_description options("Options");
  options.add_options()("out,o", po::value<std::string>()->value_name("FILE.html"),
                        "where to (default: RESULTS/report.html; needed for several results)")(
      "target", po::value<std::string>()->value_name("LOSS"), kTargetHelp);
  po::variables_map values;
  const std::string usage = "straggle report RESULTS… [--out FILE.html]";
  if (!parse_results_options(usage, options, arguments, values)) return 0;
  const auto directories = results_arguments(values);
  if (directories.size() > 1 && !values.count("out"))
    throw UsageError("where shall a page over several results go? --out FILE.html\nusage: " + usage);
  const std::filesystem::path out =
      values.count("out") ? std::filesystem::path(values["out"].as<std::string>()) : directories[0] / "report.html";
  if (out.extension() != ".html") throw UsageError("--out is " + out.string() + "; allowed: a name that ends in .html");

  std::vector<ReportPart> parts;
  for (const auto& directory : directories) {
    Results results = read_results(directory);
    try {
      derive_spans(results);
    } catch (const InvalidResults& error) {
      std::cerr << "straggle: no timelines of " << directory.string() << ": " << error.what() << "\n";
    }
    if (const auto target = target_option(values, results.experiment.baseline.value_or("")))
      results.experiment.target = target;
    ComparisonSummary summary = summarise(results.experiment, results.runs);
    parts.push_back({std::move(summary), std::move(results.runs), std::move(results.document),
                     std::move(results.manifest), directories.size() > 1 ? directory.string() : ""});
  }
  replace_file(out, html_report(parts));
  std::cout << out.string() << "\n";
  return 0;
}

}  // namespace experiments
