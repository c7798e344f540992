#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "experiments/report/summary.h"
#include "experiments/run/run_log.h"

namespace experiments {

/// metrics.jsonl, updates.jsonl, summary.json of one run into `directory` (which exists). Deterministic: no host time in them.
void write_run(const std::filesystem::path& directory, const RunLog&);
/// summary.csv and summary.md of a comparison.
void write_summary(const std::filesystem::path& directory, const ComparisonSummary&);
/// The table for the terminal, aligned, at most 120 columns.
std::string terminal_table(const ComparisonSummary&);

/// report.html: one offline page. `experiment` and `manifest` are shown and embedded.
void write_html_report(const std::filesystem::path& directory, const ComparisonSummary&, const std::vector<RunLog>& runs,
                       const nlohmann::ordered_json& experiment, const nlohmann::ordered_json& manifest);

/// SVG charts of loss against simulated time, local steps, server updates, through gnuplot, with their .gp and .dat in
/// directory/charts. Returns an empty string, or why there are none (gnuplot missing or failing): never throws for that.
std::string write_charts(const std::filesystem::path& directory, const ComparisonSummary&, const std::vector<RunLog>& runs);

}  // namespace experiments
