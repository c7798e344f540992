#include <unistd.h>

#include <iostream>

#include "experiments/cli/commands.h"
#include "experiments/cli/dry_run.h"
#include "experiments/cli/interrupt.h"
#include "experiments/cli/options.h"
#include "experiments/cli/progress.h"
#include "experiments/report/files.h"
#include "experiments/report/summary.h"
#include "experiments/report/timeline_trace.h"
#include "experiments/report/writers.h"
#include "experiments/run/comparison.h"
#include "experiments/run/manifest.h"
#include "experiments/run/results_directory.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

/// timeline.json: every method's run with the first seed, side by side. Returns why and where it is cut, or "".
std::string write_timeline(const fs::path& directory, const std::vector<RunLog>& runs, uint64_t seed) {
  constexpr size_t kMostEvents = 50000;  // some 5 MB
  std::vector<const RunLog*> shown;
  for (const RunLog& run : runs)
    if (run.seed == seed) shown.push_back(&run);
  const TimelineTrace trace = timeline_trace(shown, kMostEvents);
  write_file(directory / "timeline.json", trace.json);
  return trace.cut;
}

void write_results(ResultsDirectory& results, const ExperimentConfig& experiment, const std::vector<RunLog>& runs,
                   const ComparisonSummary& summary, const Json& how) {
  const Json resolved = to_json(experiment);
  write_file(results.path() / "experiment.json", text_of(resolved, 2) + "\n");
  write_file(results.path() / "manifest.json", text_of(how, 2) + "\n");
  for (const RunLog& run : runs) {
    const fs::path directory = run_directory(results.path(), run.method, run.seed);
    fs::create_directories(directory);
    write_run(directory, run, target_for(summary, run.seed));
  }
  write_summary(results.path(), summary);
  write_html_report(results.path(), summary, runs, resolved, how);
  const std::string cut = write_timeline(results.path(), runs, experiment.seeds.front());
  const std::string no_charts = write_charts(results.path(), summary, runs);
  check_interrupt();
  results.commit();
  if (!cut.empty())
    std::cerr << "straggle: " << cut << "; straggle timeline " << results.target().string()
              << " --limit N makes a longer one\n";
  if (!no_charts.empty()) std::cerr << "straggle: no charts: " << no_charts << "\n";
}

}  // namespace

int command_run(const std::vector<std::string>& arguments) {
  po::options_description options("Options");
  options.add_options()("out,o", po::value<std::string>()->value_name("DIR"),
                        "results directory (default: results/<name>); must not exist yet")(
      "overwrite", "replace the results directory if it exists")(
      "set", po::value<std::vector<std::string>>()->composing()->value_name("/POINTER=VALUE"),
      "change a setting, e.g. --set /stop/local_steps=800; may be repeated")(
      "threads,j", po::value<int>()->value_name("N"),
      "threads that train (default: all processors); changes no result")(
      "dry-run", "run the clock without training and print the schedule's statistics")("quiet,q", "no progress lines");
  po::variables_map values;
  if (!parse_options("straggle run FILE [options]", options, arguments, values)) return 0;
  if (!values.count("FILE"))
    throw UsageError("which experiment file? e.g. straggle run experiments/catalog/quickstart.json");
  const int threads = thread_count(values);

  const auto file = values["FILE"].as<std::string>();
  const ExperimentConfig experiment = load_experiment(file, all_values(values, "set"));
  if (values.count("dry-run")) {
    require_workers(experiment, file);
    std::cout << dry_run(experiment, threads);
    return 0;
  }

  require_files(experiment, file);
  require_schedule(experiment, file);
  note_interrupts();
  ResultsDirectory results(
      values.count("out") ? fs::path(values["out"].as<std::string>()) : fs::path("results") / experiment.name,
      values.count("overwrite") > 0);
  ThreadPool pool(threads);
  Resources resources(pool);
  const InterruptWatch watch([&] { pool.cancel(); });
  prepare(experiment, resources);
  check_interrupt();

  const bool terminal = isatty(STDOUT_FILENO) != 0;
  std::ostream silent(nullptr);
  ProgressDisplay progress(experiment, values.count("quiet") ? silent : std::cout, terminal);
  const std::vector<RunLog> runs = run_comparison(experiment, resources, results.path(), progress);
  progress.close();

  const ComparisonSummary summary = summarise(experiment.name, experiment.baseline.value_or(""), runs);
  write_results(results, experiment, runs, summary,
                manifest(experiment, fs::path(file).filename().string(), resources, runs));
  std::cout << "\n"
            << terminal_table(summary) << "\nResults in " << results.target().string() << "; open "
            << (results.target() / "report.html").string() << "\n";
  return 0;
}

}  // namespace experiments
