#pragma once
#include <string>

#include "experiments/report/claims.h"

namespace experiments {

/// A published table in Markdown, with our number beside each published one that has a counterpart, and both in percent
/// of its reference's row.
std::string published_table(const Published&, const ResultsByName&);

/// All that was measured, a row a method of each experiment, and notes on how runs ended; empty if none was run.
std::string measured_table(const PlannedSection&, const ResultsByName&);

}  // namespace experiments
