#include "experiments/report/reproduction.h"

#include <algorithm>
#include <numeric>

#include "experiments/config/parse.h"
#include "experiments/config/slug.h"
#include "experiments/report/format.h"
#include "experiments/report/markdown.h"
#include "experiments/report/plot.h"
#include "experiments/report/process.h"
#include "experiments/report/reproduction_tables.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;
using Cells = std::vector<std::string>;

std::string chart_name(const PlannedSection& section, const PlannedChart& chart) {
  const std::string measure =
      chart.y == Measure::loss ? "" : std::string("-") + std::string(kMeasureNames[static_cast<size_t>(chart.y)]);
  return slug(section.source) + "-" + std::string(kCounterNames[static_cast<size_t>(chart.x)]) + measure;
}

size_t count(const Tally& tally, Verdict verdict) { return tally[static_cast<size_t>(verdict)]; }
size_t count(const Tally& tally) { return std::accumulate(tally.begin(), tally.end(), size_t{0}); }

std::string counts_text(const Tally& tally) {
  const size_t missing = count(tally, Verdict::not_run);
  if (missing == count(tally)) return "its results are missing";
  return std::to_string(count(tally, Verdict::holds)) + " of " + std::to_string(count(tally)) + " checks hold" +
         (missing ? ", " + std::to_string(missing) + " lack results" : "");
}

std::string verdict_text(const Tally& tally) {
  const size_t missing = count(tally, Verdict::not_run), hold = count(tally, Verdict::holds);
  if (missing == count(tally)) return "not run";
  if (missing > 0) return "incomplete";
  if (hold == count(tally)) return "reproduced";
  return hold > 0 ? "partly reproduced" : "not reproduced";
}

/// A row of the table of verdicts.
Cells overview_row(const PlannedSection& section, const Tally& tally) {
  Cells cells = {markdown_text(section.source), markdown_text(section.title), verdict_text(tally)};
  for (const size_t verdict : tally) cells.push_back(std::to_string(verdict));
  return cells;
}

/// The settings of a result that are not those of its file. Where a corpus lies is none of them.
Cells other_settings(const ExperimentConfig& file, const ExperimentConfig& result) {
  Cells pointers;
  for (const Json& change : Json::diff(to_json(file), to_json(result))) {
    const auto pointer = change.at("path").get<std::string>();
    const std::string last = pointer.substr(pointer.rfind('/') + 1);
    if (last != "corpus" && last != "description") pointers.push_back(pointer);
  }
  return pointers;
}

std::string shown_path(const fs::path& file) {
  return (file.is_absolute() ? file.lexically_proximate(fs::current_path()) : file).generic_string();
}

std::string how_made(const PlannedSection& section, const ResultsByName& results) {
  std::string commands, notes;
  for (const PlannedExperiment& planned : section.experiments) {
    const std::string& name = planned.experiment.name;
    const bool there = results.contains(name);
    commands += "./straggle run " + shell_word(shown_path(planned.file)) + (there ? "" : "    # not run") + "\n";
    if (!there) continue;
    const Cells other = other_settings(planned.experiment, results.at(name).experiment);
    if (other.empty()) continue;
    notes += "The results of " + markdown_text(name) + " were made with other settings than its file's:";
    for (size_t i = 0; i < other.size() && i < 8; ++i) notes += (i ? ", " : " ") + markdown_text(other[i]);
    notes += other.size() > 8 ? " and " + std::to_string(other.size() - 8) + " more.\n" : ".\n";
  }
  return code_block("sh", commands) + (notes.empty() ? "" : "\n" + notes);
}

std::string section_text(const PlannedSection& section, const std::vector<Finding>& findings,
                         const ResultsByName& results, const PageNames& names) {
  const Tally tally = tally_of(findings);
  std::string verdict = verdict_text(tally);
  verdict[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(verdict[0])));
  std::string text = section_heading(section) + "\n\n**" + verdict + "**: " + counts_text(tally) + ".\n\n" +
                     shapes_table(section, findings) + "\n";
  if (!section.note.empty()) text += section.note + "\n\n";
  text += published_table(section.published, results) + "\n";
  for (const PlannedChart& chart : section.charts) {
    const std::string name = chart_name(section, chart);
    if (names.drawn.contains(name))
      text += "![" + markdown_text(section.source + ": " + section.title) + "](" +
              markdown_target(names.charts + "/" + name + ".svg") + ")\n\n";
  }
  const std::string measured = measured_table(section, results);
  if (!measured.empty()) text += measured + "\n";
  return text + how_made(section, results);
}

}  // namespace

ResultsByName planned_results(const ReproductionPlan& plan, const fs::path& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error))
    throw InvalidResults(directory.string() + ": is no directory; expected one that holds results of straggle run");
  ResultsByName results;
  for (const PlannedSection& section : plan.sections) {
    for (const PlannedExperiment& planned : section.experiments) {
      const std::string& name = planned.experiment.name;
      const fs::path place = directory / name;
      if (results.contains(name) || !fs::exists(place, error)) continue;
      Results read = read_results(place);
      for (const MethodConfig& method : planned.experiment.methods) {
        for (const RunFailure& failure : read.failures)
          if (failure.method == method.name)
            throw InvalidResults(place.string() + ": method \"" + method.name + "\" failed: " + failure.message);
        const auto& methods = read.experiment.methods;
        if (std::none_of(methods.begin(), methods.end(), [&](const auto& m) { return m.name == method.name; }))
          throw InvalidResults(place.string() + ": has no method \"" + method.name + "\", which " +
                               planned.file.string() + " has; it was made from another file");
      }
      results.emplace(name, std::move(read));
    }
  }
  return results;
}

std::vector<PlannedFigure> reproduction_figures(const ReproductionPlan& plan, const ResultsByName& results,
                                                const EarlierSections& kept) {
  std::vector<PlannedFigure> figures;
  for (const PlannedSection& section : plan.sections) {
    if (kept.contains(section.source)) continue;
    std::vector<PlotGroup> groups;
    for (const PlannedExperiment& planned : section.experiments)
      if (results.contains(planned.experiment.name))
        groups.push_back({planned.experiment.name, results.at(planned.experiment.name).runs});
    if (groups.empty()) continue;
    for (const PlannedChart& chart : section.charts) {
      PlotOptions options;
      options.x = std::string(kCounterNames[static_cast<size_t>(chart.x)]);
      options.y = chart.y;
      options.own_axes = true;
      figures.push_back({chart_name(section, chart), curves_of(groups, options)});
    }
  }
  return figures;
}

std::string reproduction_page(const ReproductionPlan& plan, const ResultsByName& results, const PageNames& names,
                              const EarlierSections& kept) {
  std::vector<Cells> overview;
  std::string sections;
  for (const PlannedSection& section : plan.sections) {
    const auto earlier = kept.find(section.source);
    const std::vector<Finding> findings = check_section(section, results);
    const bool anew = earlier == kept.end();
    overview.push_back(overview_row(section, anew ? tally_of(findings) : earlier->second.tally));
    sections += "\n" + (anew ? section_text(section, findings, results, names) : earlier->second.text);
  }
  std::string text = "# " + markdown_text(plan.title) + "\n\n";
  if (!plan.introduction.empty()) text += plan.introduction + "\n\n";
  text +=
      markdown_table({"", "", "verdict", "hold", "undecided", "fail", "not run"}, overview, 3) +
      "\nA shape *holds* or *fails* where the 95 % interval says so, and is *undecided* where it "
      "leaves both open; that two losses are the same holds within the margin, and also where the noise exceeds it, "
      "which is "
      "said and is weak evidence; a "
      "figure is reproduced where all of its shapes hold. Losses are nats a token, means ± 95 % Student-t intervals "
      "over seeds; differences are paired by seed, p is the paired t test's, uncorrected for their number. The "
      "target of a table is the lowest loss that all of an experiment's methods reached; a shape about two methods "
      "compares them at the lowest loss that both reached. Server updates, local steps and simulated seconds are "
      "exact and the same on any machine. A percentage beside a perplexity is its distance to the method that the "
      "others are compared with; where a shape is a share of a gap, p is of the difference to that share.\n\n"
      "This page is written by the following, from the results of the commands under each figure; edit the plan "
      "instead.\n\n" +
      code_block("sh", names.command) + sections;
  return text;
}

}  // namespace experiments
