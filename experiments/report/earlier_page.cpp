#include "experiments/report/earlier_page.h"

#include <algorithm>

#include "experiments/report/markdown.h"

namespace experiments {
namespace {

/// The section's text in the page, its heading included; empty if it is not there.
std::string section_in(const std::string& page, const std::string& heading) {
  const size_t begin = page.find("\n" + heading + "\n");
  if (begin == std::string::npos) return "";
  const size_t next = page.find("\n## ", begin + 1);
  return page.substr(begin + 1, next == std::string::npos ? next : next - begin - 1);
}

/// The first paragraph from `from` on that begins so: [begin, end) without the blank line behind it.
std::pair<size_t, size_t> paragraph(const std::string& text, size_t from, const std::string& begins) {
  const size_t found = text.find("\n\n" + begins, from);
  if (found == std::string::npos) return {text.size(), text.size()};
  return {found + 2, std::min(text.find("\n\n", found + 2), text.size())};
}

}  // namespace

std::string section_heading(const PlannedSection& section) {
  return "## " + markdown_text(section.source + ": " + section.title);
}

EarlierSections earlier_sections(const ReproductionPlan& plan, const ResultsByName& results, const std::string& page,
                                 const std::string& file) {
  EarlierSections sections;
  for (const PlannedSection& section : plan.sections) {
    const auto& planned = section.experiments;
    if (std::all_of(planned.begin(), planned.end(), [&](const auto& p) { return results.contains(p.experiment.name); }))
      continue;
    std::string text = section_in(page, section_heading(section));
    if (text.empty()) continue;
    const auto [shapes, shapes_end] = paragraph(text, 0, "| shape |");
    const size_t published = paragraph(text, shapes, "|  |").first;
    const std::optional<Tally> tally = verdicts_in(text.substr(shapes, shapes_end - shapes), section);
    if (!tally || published == text.size())
      throw InvalidResults(
          file + ": its section " + section.source +
          " is about other shapes than the plan's; its experiments must be run again, or --keep left out");
    if (std::none_of(tally->begin(), tally->begin() + static_cast<int>(Verdict::not_run),
                     [](size_t n) { return n > 0; }))
      continue;
    text.replace(shapes_end, published - shapes_end, "\n\n" + (section.note.empty() ? "" : section.note + "\n\n"));
    sections.emplace(section.source, EarlierSection{text, *tally});
  }
  return sections;
}

}  // namespace experiments
