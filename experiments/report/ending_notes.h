#pragma once
#include <string>
#include <vector>

#include "experiments/report/curves.h"

namespace experiments {

/// What a reader of a table of these runs must know of how they ended, a line each: who ended before its limit, and
/// local steps that differ, with some seed, by more than 1 % and a round, the shortest of the methods' longest. Each
/// stops at the first update at or past its limit, so that smaller differences are nobody's doing. Runs that diverged
/// are told elsewhere.
std::vector<std::string> ending_notes(const std::vector<MethodRuns>&);

}  // namespace experiments
