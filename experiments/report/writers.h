#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "experiments/report/summary.h"
#include "experiments/run/run_log.h"

namespace experiments {

/// The content of one run's metrics.jsonl, updates.jsonl, summary.json. Deterministic: no host time in them.
/// `target_loss` is the comparison's for this seed (target_for). What is missing or not finite is null.
struct RunFiles {
  std::string metrics, updates, summary;
};
RunFiles run_files(const RunLog&, std::optional<double> target_loss = std::nullopt);
/// Writes them into `directory` (which exists).
void write_run(const std::filesystem::path& directory, const RunLog&, std::optional<double> target_loss = std::nullopt);
/// summary.csv and summary.md of a comparison.
void write_summary(const std::filesystem::path& directory, const ComparisonSummary&);
/// The table for a terminal of so many columns (0: as many as it takes), the notes, and last the verdict.
std::string terminal_table(const ComparisonSummary&, size_t width = 0);

/// One results directory's part of a report.
struct ReportPart {
  ComparisonSummary summary;
  std::vector<RunLog> runs;
  nlohmann::ordered_json experiment,
      manifest;       ///< shown and embedded; the experiment's strings "name" and "description" head the page
  std::string label;  ///< tells it from others of one name
};
/// One offline page over all parts, of which one is shown at a time. At least one.
std::string html_report(const std::vector<ReportPart>&);
/// report.html of one comparison.
void write_html_report(const std::filesystem::path& directory, const ComparisonSummary&,
                       const std::vector<RunLog>& runs, const nlohmann::ordered_json& experiment,
                       const nlohmann::ordered_json& manifest);

/// SVG charts through gnuplot, with their .gp and .dat in directory/charts: loss against simulated time (wall_clock),
/// local steps (local_steps) and server updates (server_updates); how the workers spent their time (utilisation).
/// Returns an empty string, or why there are none (gnuplot missing or failing): never throws for that, but for one that
/// is not whole. Reads `runs` in the order summarise() takes them.
std::string write_charts(const std::filesystem::path& directory, const ComparisonSummary&,
                         const std::vector<RunLog>& runs);

/// The files of all of these throw std::runtime_error naming the file when it cannot be written.

}  // namespace experiments
