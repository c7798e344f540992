#pragma once
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "experiments/paper/section_record.h"
#include "experiments/report/figure.h"

namespace experiments {

/// The name of a chart's file, without extension.
std::string chart_name(const PlannedSection&, const PlannedChart&);

/// A section's charts by chart_name(), with one panel per experiment that was run; none without results. Throws
/// InvalidPlot.
std::map<std::string, Figure> section_figures(const PlannedSection&, const ResultsByName&);

/// A path from the working directory, so that a page does not depend on where its repository lies, as a shell's word.
std::string shown_path(const std::filesystem::path&);

/// How the page names what it is made from and lies beside.
struct PageNames {
  std::string command;          ///< the one that writes it
  std::string charts;           ///< folder of the charts, relative to the page
  std::set<std::string> drawn;  ///< charts that are there
};
/// The page, in Markdown: a table of verdicts, then a section a figure. A section is reproduced if all of its claims
/// hold, partly if some do, not reproduced if none does; incomplete where results are missing, not run where all are.
/// `records`: one per section.
std::string reproduction_page(const ReproductionPlan&, const std::vector<SectionRecord>& records, const PageNames&);

}  // namespace experiments
