#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "experiments/report/claims.h"

namespace experiments {

/// Claims of a section by Verdict.
using Tally = std::array<size_t, 4>;

/// All claims of a section, checked; those whose experiments have no results are not run.
std::vector<Finding> check_section(const PlannedSection&, const ResultsByName&);
Tally tally_of(const std::vector<Finding>&);

/// A section's shapes in Markdown: what each says, what was measured, its verdict.
std::string shapes_table(const PlannedSection&, const std::vector<Finding>&);
/// The verdicts in a table that shapes_table wrote; none if it is not about the section's shapes.
std::optional<Tally> verdicts_in(const std::string& table, const PlannedSection&);

}  // namespace experiments
