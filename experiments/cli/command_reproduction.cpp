#include <iostream>
#include <map>

#include "experiments/cli/commands.h"
#include "experiments/cli/drawing_folder.h"
#include "experiments/cli/options.h"
#include "experiments/cli/results_options.h"
#include "experiments/report/draw_figure.h"
#include "experiments/report/files.h"
#include "experiments/report/plot.h"
#include "experiments/report/process.h"
#include "experiments/report/read_plan.h"
#include "experiments/report/reproduction.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

constexpr const char* kReproductionUsage = "straggle reproduction PLAN.json RESULTS_DIR --out PAGE.md [--keep]";

/// Draws what can be drawn. Returns the charts by name; `problem` says why some are missing.
std::map<std::string, std::string> draw_all(const std::vector<PlannedFigure>& figures, std::string& problem) {
  const DrawingFolder folder;
  std::map<std::string, std::string> charts;
  for (const PlannedFigure& planned : figures) {
    Drawing drawn = draw(folder.path(), draw_figure(planned.figure, planned.name, PictureFormat::svg));
    problem = drawn.problem;
    if (!problem.empty()) break;
    charts[planned.name] = std::move(drawn.content);
  }
  return charts;
}

/// From the working directory, so that a page does not depend on where its repository lies.
std::string shown(const fs::path& path) {
  return shell_word((path.is_absolute() ? path.lexically_proximate(fs::current_path()) : path).generic_string());
}

}  // namespace

int command_reproduction(const std::vector<std::string>& arguments) {
  po::options_description options("Options");
  options.add_options()("out,o", po::value<std::string>()->value_name("PAGE.md"),
                        "the page; its charts go into a folder of its name beside it")(
      "keep", "leave sections whose results are not all there as the page has them, but for their notes");
  po::variables_map values;
  if (!parse_options(kReproductionUsage, options, arguments, values, true)) return 0;
  const std::vector<std::string> files = all_values(values, "FILE");
  if (files.size() != 2)
    throw UsageError("a plan and a directory of results are needed, and " + std::to_string(files.size()) +
                     " arguments were given\nusage: " + kReproductionUsage);
  if (!values.count("out"))
    throw UsageError(std::string("where shall the page go? --out PAGE.md\nusage: ") + kReproductionUsage);
  const fs::path plan_file = files[0], directory = files[1], out = values["out"].as<std::string>();
  if (out.extension() != ".md") throw UsageError("--out is " + out.string() + "; allowed: a name that ends in .md");

  const ReproductionPlan plan = read_plan(plan_file);
  const ResultsByName results = planned_results(plan, directory);
  EarlierSections kept;
  if (values.count("keep")) kept = earlier_sections(plan, results, read_text(out), out.string());
  PageNames names{
      "./straggle reproduction " + shown(plan_file) + " results --out " + shown(out), out.stem().string(), {}};
  std::string problem;
  std::map<std::string, std::string> charts;
  try {
    charts = draw_all(reproduction_figures(plan, results, kept), problem);
  } catch (const InvalidPlot& error) {
    throw UsageError(error.what());
  }
  for (const auto& [name, chart] : charts) {
    replace_file(out.parent_path() / names.charts / (name + ".svg"), chart);
    names.drawn.insert(name);
  }
  replace_file(out, reproduction_page(plan, results, names, kept));
  std::cout << out.string() << "\n";
  for (const std::string& name : names.drawn)
    std::cout << (out.parent_path() / names.charts / (name + ".svg")).string() << "\n";
  for (const auto& [source, section] : kept) std::cout << "kept: " << source << "\n";
  if (problem.empty()) return 0;
  std::cerr << "straggle: " << out.string() << " lacks charts: " << problem << "\n";
  return kExitOurFault;
}

}  // namespace experiments
