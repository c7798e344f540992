#pragma once
#include <array>
#include <string>

#include "experiments/paper/section_record.h"

namespace experiments {

/// Findings of a section by Verdict.
using Tally = std::array<size_t, 4>;
Tally tally_of(const SectionRecord&);

/// A section's shapes in Markdown: what each says, where there are several experiments the ones that it is checked on,
/// what was measured, its verdict.
std::string shapes_table(const PlannedSection&, const SectionRecord&);

/// A published table in Markdown, with our number beside each published one that has a counterpart, and both in percent
/// of its reference's row.
std::string published_table(const Published&, const SectionRecord&);

/// All that was measured, a row a method of each experiment, and notes on how runs ended; empty if none was run.
std::string measured_table(const PlannedSection&, const SectionRecord&);

}  // namespace experiments
