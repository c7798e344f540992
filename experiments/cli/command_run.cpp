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
#include "experiments/run/fingerprint.h"
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

void write_results(ResultsDirectory& results, const ExperimentConfig& experiment, const Comparison& comparison,
                   const ComparisonSummary& summary, const Json& how) {
  const std::vector<RunLog>& runs = comparison.runs;
  const Json resolved = to_json(experiment);
  write_file(results.path() / "experiment.json", text_of(resolved, 2) + "\n");
  write_file(results.path() / "manifest.json", text_of(how, 2) + "\n");
  const auto place = [&](const std::string& method, uint64_t seed) {
    const fs::path directory = run_directory(results.path(), method, seed);
    fs::create_directories(directory);
    return directory;
  };
  for (const auto* logs : {&runs, &comparison.unpaired})
    for (const RunLog& run : *logs) write_run(place(run.method, run.seed), run, target_for(summary, run.seed));
  for (const RunFailure& failure : comparison.failures)
    write_file(place(failure.method, failure.seed) / "error.json",
               text_of(Json{{"message", failure.message}}, 2) + "\n");
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

/// What the trajectories were, what diverged and what failed. Returns the exit code.
int tell_ends(const Comparison& comparison) {
  std::cout << "\n";
  for (const RunLog& run : comparison.runs)
    std::cout << "trajectory " << fingerprint_text(run.fingerprint) << "  " << run.method << ", seed " << run.seed
              << "\n";
  std::cout.flush();
  bool diverged = false;
  for (const RunLog& run : comparison.runs) {
    if (!run.diverged) continue;
    diverged = true;
    std::cerr << "straggle: \"" << run.method << "\", seed " << run.seed
              << ", diverged: its loss was not finite any more after " << run.final.server_updates
              << " server updates; a smaller learning rate may help\n";
  }
  for (const RunFailure& failure : comparison.failures)
    std::cerr << "straggle: \"" << failure.method << "\", seed " << failure.seed << ", failed: " << failure.message
              << "\n";
  return !comparison.failures.empty() ? kExitFailed : diverged ? kExitDiverged : 0;
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
  note_interrupts();
  for (const MethodConfig& method : experiment.methods)
    for (const uint64_t seed : experiment.seeds) require_schedule(method, seed, file);
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
  const Comparison comparison = run_comparison(experiment, resources, results.path(), progress);
  progress.close();

  const ComparisonSummary summary = summarise(
      experiment.name, without_failed(experiment, comparison.failures).baseline.value_or(""), comparison.runs);
  write_results(
      results, experiment, comparison, summary,
      manifest(experiment, fs::path(file).filename().string(), resources, comparison.runs, comparison.failures));
  std::cout << "\n"
            << terminal_table(summary) << "\nResults in " << results.target().string() << "; open "
            << (results.target() / "report.html").string() << "\n";
  return tell_ends(comparison);
}

}  // namespace experiments
