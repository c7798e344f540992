#include "experiments/paper/page.h"

#include <algorithm>
#include <numeric>

#include "experiments/config/slug.h"
#include "experiments/paper/tables.h"
#include "experiments/report/format.h"
#include "experiments/report/markdown.h"
#include "experiments/report/plot.h"
#include "experiments/report/process.h"

namespace experiments {
namespace {

using Cells = std::vector<std::string>;

size_t count(const Tally& tally, Verdict verdict) { return tally[static_cast<size_t>(verdict)]; }
size_t count(const Tally& tally) { return std::accumulate(tally.begin(), tally.end(), size_t{0}); }

std::string verdict_text(const Tally& tally) {
  const size_t missing = count(tally, Verdict::not_run), hold = count(tally, Verdict::holds);
  if (missing == count(tally)) return "not run";
  if (missing > 0) return "incomplete";
  if (hold == count(tally)) return "reproduced";
  return hold > 0 ? "partly reproduced" : "not reproduced";
}

std::string how_made(const PlannedSection& section, const SectionRecord& record) {
  std::string commands, notes;
  for (const PlannedExperiment& planned : section.experiments) {
    const std::string& name = planned.experiment.name;
    const auto run = std::find_if(record.experiments.begin(), record.experiments.end(),
                                  [&](const JudgedExperiment& e) { return e.name == name; });
    const bool there = run != record.experiments.end();
    commands += "./straggle run " + shown_path(planned.file) + (there ? "" : "    # not run") + "\n";
    if (!there || run->other_settings.empty()) continue;
    const Cells& other = run->other_settings;
    notes += "The results of " + markdown_text(name) + " were made with other settings than its file's:";
    for (size_t i = 0; i < other.size() && i < 8; ++i) notes += (i ? ", " : " ") + markdown_text(other[i]);
    notes += other.size() > 8 ? " and " + std::to_string(other.size() - 8) + " more.\n" : ".\n";
  }
  return code_block("sh", commands) + (notes.empty() ? "" : "\n" + notes);
}

std::string section_text(const PlannedSection& section, const SectionRecord& record, const PageNames& names) {
  const Tally tally = tally_of(record);
  const size_t missing = count(tally, Verdict::not_run), all = count(tally);
  const std::string counts = missing == all ? "its results are missing"
                                            : std::to_string(count(tally, Verdict::holds)) + " of " +
                                                  std::to_string(all) + " checks hold" +
                                                  (missing ? ", " + std::to_string(missing) + " lack results" : "");
  const std::string heading = markdown_text(section.source + ": " + section.title);
  std::string verdict = verdict_text(tally);
  verdict[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(verdict[0])));
  std::string text =
      "## " + heading + "\n\n**" + verdict + "**: " + counts + ".\n\n" + shapes_table(section, record) + "\n";
  if (!section.note.empty()) text += markdown_prose(section.note) + "\n\n";
  text += published_table(section.published, record) + "\n";
  for (const PlannedChart& chart : section.charts)
    if (const std::string name = chart_name(section, chart); names.drawn.contains(name))
      text += "![" + heading + "](" + markdown_target(names.charts + "/" + name + ".svg") + ")\n\n";
  const std::string measured = measured_table(section, record);
  if (!measured.empty()) text += measured + "\n";
  return text + how_made(section, record);
}

}  // namespace

std::string chart_name(const PlannedSection& section, const PlannedChart& chart) {
  const std::string name = slug(section.source) + "-" + std::string(name_of(chart.x));
  return chart.y == Measure::loss ? name : name + "-" + std::string(name_of(chart.y));
}

std::map<std::string, Figure> section_figures(const PlannedSection& section, const ResultsByName& results) {
  std::map<std::string, Figure> figures;
  std::vector<PlotGroup> groups;
  for (const PlannedExperiment& planned : section.experiments)
    if (const auto run = results.find(planned.experiment.name); run != results.end())
      groups.push_back({planned.experiment.name, run->second.runs});
  if (groups.empty()) return figures;
  for (const PlannedChart& chart : section.charts) {
    PlotOptions options;
    options.x = std::string(name_of(chart.x));
    options.y = chart.y;
    options.own_axes = true;
    figures.emplace(chart_name(section, chart), curves_of(groups, options));
  }
  return figures;
}

std::string shown_path(const std::filesystem::path& file) {
  return shell_word(
      (file.is_absolute() ? file.lexically_proximate(std::filesystem::current_path()) : file).generic_string());
}

std::string reproduction_page(const ReproductionPlan& plan, const std::vector<SectionRecord>& records,
                              const PageNames& names) {
  std::vector<Cells> overview;
  std::string sections;
  for (size_t i = 0; i < plan.sections.size(); ++i) {
    const PlannedSection& section = plan.sections[i];
    const Tally tally = tally_of(records[i]);
    overview.push_back({markdown_text(section.source), markdown_text(section.title), verdict_text(tally)});
    for (const size_t verdict : tally) overview.back().push_back(std::to_string(verdict));
    sections += "\n" + section_text(section, records[i], names);
  }
  std::string text = "# " + markdown_text(plan.title) + "\n\n";
  if (!plan.introduction.empty()) text += markdown_prose(plan.introduction) + "\n\n";
  text +=
      markdown_table({"", "", "verdict", "hold", "undecided", "fail", "not run"}, overview, 3) + "\n" +
      markdown_prose(
          "A shape *holds* or *fails* where the 95 % interval says so, and is *undecided* where it "
          "leaves both open; that two losses are the same holds within the margin, and also where the noise exceeds "
          "it, which is said and is weak evidence; a figure is reproduced where all of its shapes hold. Losses are "
          "nats a token, means ± 95 % Student-t intervals over seeds; differences are paired by seed, p is the paired "
          "t test's, uncorrected for their number. The "
          "target of a table is the lowest loss that all of an experiment's methods reached; a shape about two methods "
          "compares them at the lowest loss that both reached. Server updates, local steps and simulated seconds are "
          "exact and the same on any machine. A percentage beside a perplexity is its distance to the method that the "
          "others are compared with; where a shape is a share of a gap, p is of the difference to that share.") +
      "\n\n" +
      markdown_prose(
          "This page is written by the following, from the results of the commands under each figure; edit the plan "
          "instead.") +
      "\n\n" + code_block("sh", names.command) + sections;
  return text;
}

}  // namespace experiments
