#include "experiments/report/reproduction.h"

#include <algorithm>
#include <cmath>

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

std::string verdict_word(Verdict verdict) {
  const char* const words[] = {"holds", "undecided", "**fails**", "not run"};
  return words[static_cast<size_t>(verdict)];
}

/// Claims of a section by verdict.
struct Tally {
  size_t of[4] = {0, 0, 0, 0};
  size_t operator[](Verdict v) const { return of[static_cast<size_t>(v)]; }
  size_t all() const { return of[0] + of[1] + of[2] + of[3]; }
  std::string counts() const {
    const size_t missing = (*this)[Verdict::not_run];
    if (missing == all()) return "its results are missing";
    return std::to_string((*this)[Verdict::holds]) + " of " + std::to_string(all()) + " checks hold" +
           (missing ? ", " + std::to_string(missing) + " lack results" : "");
  }
  std::string verdict() const {
    if ((*this)[Verdict::not_run] == all()) return "not run";
    if ((*this)[Verdict::not_run] > 0) return "incomplete";
    if ((*this)[Verdict::holds] == all()) return "reproduced";
    return (*this)[Verdict::holds] > 0 ? "partly reproduced" : "not reproduced";
  }
};

struct JudgedSection {
  const PlannedSection* plan;
  std::vector<Finding> findings;
  Tally tally;
};

JudgedSection judge(const PlannedSection& section, const ResultsByName& results) {
  JudgedSection judged{&section, {}, {}};
  for (const Claim& claim : section.claims)
    for (Finding& finding : check_claim(claim, results)) {
      ++judged.tally.of[static_cast<size_t>(finding.verdict)];
      judged.findings.push_back(std::move(finding));
    }
  return judged;
}

std::string overview(const std::vector<JudgedSection>& sections) {
  std::vector<Cells> rows;
  for (const JudgedSection& s : sections)
    rows.push_back({markdown_text(s.plan->source), markdown_text(s.plan->title), s.tally.verdict(),
                    std::to_string(s.tally[Verdict::holds]), std::to_string(s.tally[Verdict::undecided]),
                    std::to_string(s.tally[Verdict::fails]), std::to_string(s.tally[Verdict::not_run])});
  return markdown_table({"", "", "verdict", "hold", "undecided", "fail", "not run"}, rows, 3);
}

std::string claims_table(const JudgedSection& section) {
  const bool several = section.plan->experiments.size() > 1;
  Cells head = {"shape", "measured", "verdict"};
  if (several) head.insert(head.begin() + 1, "experiment");
  std::vector<Cells> rows;
  for (const Finding& f : section.findings) {
    rows.push_back(
        {markdown_text(f.says), f.measured.empty() ? "-" : markdown_text(f.measured), verdict_word(f.verdict)});
    if (several) rows.back().insert(rows.back().begin() + 1, markdown_text(f.where));
  }
  return markdown_table(head, rows, head.size());
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

std::string section_text(const JudgedSection& judged, const ResultsByName& results, const PageNames& names) {
  const PlannedSection& section = *judged.plan;
  std::string verdict = judged.tally.verdict();
  verdict[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(verdict[0])));
  std::string text = "## " + markdown_text(section.source + ": " + section.title) + "\n\n**" + verdict +
                     "**: " + judged.tally.counts() + ".\n\n" + claims_table(judged) + "\n";
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

std::vector<PlannedFigure> reproduction_figures(const ReproductionPlan& plan, const ResultsByName& results) {
  std::vector<PlannedFigure> figures;
  for (const PlannedSection& section : plan.sections) {
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

std::string reproduction_page(const ReproductionPlan& plan, const ResultsByName& results, const PageNames& names) {
  std::vector<JudgedSection> sections;
  for (const PlannedSection& section : plan.sections) sections.push_back(judge(section, results));
  std::string text = "# " + markdown_text(plan.title) + "\n\n";
  if (!plan.introduction.empty()) text += plan.introduction + "\n\n";
  text +=
      overview(sections) +
      "\nA shape *holds* or *fails* where the 95 % interval says so, and is *undecided* where it "
      "leaves both open; that two losses are the same holds within the margin, and also where the noise exceeds it, "
      "which is "
      "said and is weak evidence; a "
      "figure is reproduced where all of its shapes hold. Losses are nats a token, means ± 95 % Student-t intervals "
      "over seeds; differences are paired by seed, p is the paired t test's, uncorrected for their number. The "
      "target of a table is the lowest loss that all of an experiment's methods reached; a shape about two methods "
      "compares them at the lowest loss that both reached. Server updates, local steps and simulated seconds are "
      "exact and the same on any machine. Percentages stand for the distance to the row without one.\n\n"
      "This page is written by the following, from the results of the commands under each figure; edit the plan "
      "instead.\n\n" +
      code_block("sh", names.command);
  for (const JudgedSection& section : sections) text += "\n" + section_text(section, results, names);
  return text;
}

}  // namespace experiments
