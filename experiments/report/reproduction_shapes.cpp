#include "experiments/report/reproduction_shapes.h"

#include <sstream>

#include "experiments/report/markdown.h"

namespace experiments {
namespace {

using Cells = std::vector<std::string>;

constexpr const char* kWords[] = {"holds", "undecided", "**fails**", "not run"};  // by Verdict

/// What a row begins with: the shape, and where there are several the experiments that it is checked on.
Cells shape_cells(const PlannedSection& section, const Finding& finding) {
  Cells cells = {markdown_text(finding.says)};
  if (section.experiments.size() > 1) cells.push_back(markdown_text(finding.where));
  return cells;
}

}  // namespace

std::vector<Finding> check_section(const PlannedSection& section, const ResultsByName& results) {
  std::vector<Finding> findings;
  for (const Claim& claim : section.claims)
    for (Finding& finding : check_claim(claim, results)) findings.push_back(std::move(finding));
  return findings;
}

Tally tally_of(const std::vector<Finding>& findings) {
  Tally tally{};
  for (const Finding& finding : findings) ++tally[static_cast<size_t>(finding.verdict)];
  return tally;
}

std::string shapes_table(const PlannedSection& section, const std::vector<Finding>& findings) {
  Cells head = {"shape"};
  if (section.experiments.size() > 1) head.push_back("experiment");
  for (const char* name : {"measured", "verdict"}) head.push_back(name);
  std::vector<Cells> rows;
  for (const Finding& finding : findings) {
    rows.push_back(shape_cells(section, finding));
    rows.back().push_back(finding.measured.empty() ? "-" : markdown_text(finding.measured));
    rows.back().push_back(kWords[static_cast<size_t>(finding.verdict)]);
  }
  return markdown_table(head, rows, head.size());
}

std::optional<Tally> verdicts_in(const std::string& table, const PlannedSection& section) {
  std::istringstream lines(table);
  std::string line;
  std::getline(lines, line), std::getline(lines, line);  // the head, and what is below it
  Tally tally{};
  for (const Finding& finding : check_section(section, {})) {
    std::string begin = "|";
    for (const std::string& cell : shape_cells(section, finding)) begin += " " + cell + " |";
    if (!std::getline(lines, line) || !line.starts_with(begin)) return std::nullopt;
    size_t verdict = 0;
    while (verdict < tally.size() && !line.ends_with("| " + std::string(kWords[verdict]) + " |")) ++verdict;
    if (verdict == tally.size()) return std::nullopt;
    ++tally[verdict];
  }
  if (std::getline(lines, line) && !line.empty()) return std::nullopt;
  return tally;
}

}  // namespace experiments
