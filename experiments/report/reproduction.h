#pragma once
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "experiments/report/claims.h"
#include "experiments/report/earlier_page.h"
#include "experiments/report/figure.h"

namespace experiments {

/// The results of the plan's experiments that lie in `directory`, each in a directory of the experiment's name. Throws
/// InvalidResults for broken ones, and for those that lack a method of the plan's experiment.
ResultsByName planned_results(const ReproductionPlan&, const std::filesystem::path& directory);

/// A section's chart: one panel an experiment that was run.
struct PlannedFigure {
  std::string name;  ///< of its file, without extension
  Figure figure;
};
/// Sections without results, and those that are kept, have none. Throws InvalidPlot.
std::vector<PlannedFigure> reproduction_figures(const ReproductionPlan&, const ResultsByName&,
                                                const EarlierSections& kept = {});

/// How the page names what it is made from and lies beside.
struct PageNames {
  std::string command;          ///< the one that writes it
  std::string charts;           ///< folder of the charts, relative to the page
  std::set<std::string> drawn;  ///< charts that are there
};
/// The page, in Markdown: a table of verdicts, then a section a figure. A section is reproduced if all of its claims
/// hold, partly if some do, not reproduced if none does; incomplete where results are missing, not run where all are.
/// Sections that are kept stand as they are.
std::string reproduction_page(const ReproductionPlan&, const ResultsByName&, const PageNames&,
                              const EarlierSections& kept = {});

}  // namespace experiments
