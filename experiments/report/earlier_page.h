#pragma once
#include <map>
#include <string>

#include "experiments/report/reproduction_shapes.h"

namespace experiments {

/// A section of a page of reproduction as an earlier call wrote it, but with the plan's note.
struct EarlierSection {
  std::string text;
  Tally tally{};
};
/// By source.
using EarlierSections = std::map<std::string, EarlierSection>;

/// "## Fig. 5: …", the line above a section.
std::string section_heading(const PlannedSection&);

/// The sections of the plan that lack results of an experiment and that `page` has with results. Throws InvalidResults,
/// which names `file`, where the page's section is about other shapes than the plan's.
EarlierSections earlier_sections(const ReproductionPlan&, const ResultsByName&, const std::string& page,
                                 const std::string& file);

}  // namespace experiments
