#include "experiments/cli/run_results.h"

#include <iostream>

#include "experiments/cli/commands.h"
#include "experiments/cli/interrupt.h"
#include "experiments/config/experiment_config.h"
#include "experiments/report/files.h"
#include "experiments/report/timeline_trace.h"
#include "experiments/report/writers.h"
#include "sim/fingerprint.h"

namespace experiments {
namespace fs = std::filesystem;
namespace {

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

}  // namespace

void write_results(ResultsDirectory& results, const ExperimentConfig& experiment, const Comparison& comparison,
                   const ComparisonSummary& summary, const Json& how) {
  const std::vector<RunLog>& runs = comparison.runs;
  const Json resolved = to_json(experiment);
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

int tell_ends(const Comparison& comparison, bool verbose) {
  if (verbose) std::cout << "\n";
  for (const RunLog& run : comparison.runs)
    if (verbose)
      std::cout << "trajectory " << sim::fingerprint_text(run.fingerprint) << "  " << run.method << ", seed "
                << run.seed << "\n";
  std::cout.flush();
  bool early = false;
  for (const RunLog& run : comparison.runs) {
    early = early || run.diverged || run.out_of_workers;
    const std::string name = "straggle: \"" + run.method + "\", seed " + std::to_string(run.seed) + ", ";
    if (run.diverged)
      std::cerr << name << "diverged: its loss was not finite any more after " << run.final.server_updates
                << " server updates; a smaller learning rate may help\n";
    if (run.out_of_workers)
      std::cerr << name << "ended before its limit, after " << run.final.local_steps << " local steps at "
                << number_text(sim::to_seconds(run.final.time)) << " s: every worker had left for good\n";
  }
  for (const RunFailure& failure : comparison.failures)
    std::cerr << "straggle: \"" << failure.method << "\", seed " << failure.seed << ", failed: " << failure.message
              << "\n";
  return !comparison.failures.empty() ? kExitFailed : early ? kExitEndedEarly : 0;
}

}  // namespace experiments
