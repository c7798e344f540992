#include <algorithm>
#include <iostream>
#include <map>

#include "experiments/cli/commands.h"
#include "experiments/cli/drawing_folder.h"
#include "experiments/cli/options.h"
#include "experiments/cli/results_options.h"
#include "experiments/config/slug.h"
#include "experiments/paper/page.h"
#include "experiments/paper/read_plan.h"
#include "experiments/report/files.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

constexpr const char* kReproductionUsage = "straggle reproduction PLAN.json [RESULTS_DIR] --out PAGE.md";

}  // namespace

int command_reproduction(const std::vector<std::string>& arguments) {
  po::options_description options("Options");
  options.add_options()("out,o", po::value<std::string>()->value_name("PAGE.md"),
                        "the page; into a folder of its name beside it go its charts and, as JSON, the numbers of each "
                        "section whose results are all there. The other sections are written from such a file");
  po::variables_map values;
  if (!parse_options(kReproductionUsage, options, arguments, values, true)) return 0;
  const std::vector<std::string> files = all_values(values, "FILE");
  if (files.empty() || files.size() > 2)
    throw UsageError("a plan and a directory of results are needed, and " + std::to_string(files.size()) +
                     " arguments were given\nusage: " + kReproductionUsage);
  if (!values.count("out"))
    throw UsageError(std::string("where shall the page go? --out PAGE.md\nusage: ") + kReproductionUsage);
  const fs::path plan_file = files[0], out = values["out"].as<std::string>(), beside = out.parent_path() / out.stem();
  if (out.extension() != ".md") throw UsageError("--out is " + out.string() + "; allowed: a name that ends in .md");

  const ReproductionPlan plan = read_plan(plan_file);
  const ResultsByName results = files.size() > 1 ? planned_results(plan, files[1]) : ResultsByName{};
  PageNames names{"./straggle reproduction " + shown_path(plan_file) + " results --out " + shown_path(out),
                  out.stem().string(),
                  {}};
  std::vector<SectionRecord> records;
  std::map<std::string, Figure> figures;
  std::map<fs::path, std::string> written;
  std::string kept;
  for (const PlannedSection& section : plan.sections) {
    const fs::path file = beside / (slug(section.source) + ".json");
    const auto& planned = section.experiments;
    const bool whole =
        std::all_of(planned.begin(), planned.end(), [&](const auto& p) { return results.contains(p.experiment.name); });
    if (!whole && fs::exists(file)) {
      records.push_back(read_record(file, section));
      kept += "kept: " + section.source + ", from " + file.string() + "\n";
      for (const PlannedChart& chart : section.charts)
        if (const std::string name = chart_name(section, chart); fs::exists(beside / (name + ".svg")))
          names.drawn.insert(name);
      continue;
    }
    const std::string text = record_text(judge_section(section, results));
    records.push_back(parse_record(text, file.string()));  // the page never tells more than its files
    if (whole) written[file] = text;
    figures.merge(section_figures(section, results));
  }
  const Drawings drawings = draw_all(figures);
  for (const auto& [name, content] : drawings.contents) {
    written[beside / (name + ".svg")] = content;
    names.drawn.insert(name);
  }
  for (const auto& [file, content] : written) replace_file(file, content);
  replace_file(out, reproduction_page(plan, records, names));
  std::cout << out.string() << "\n";
  for (const auto& [file, content] : written) std::cout << file.string() << "\n";
  std::cout << kept;
  if (drawings.problem.empty()) return 0;
  std::cerr << "straggle: " << out.string() << " lacks charts: " << drawings.problem << "\n";
  return kExitOurFault;
}

}  // namespace experiments
