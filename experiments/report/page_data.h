#pragma once
#include <nlohmann/json.hpp>
#include <vector>

#include "experiments/report/summary.h"

namespace experiments {

/// How much of the runs a page carries; beyond, curves are thinned evenly and timelines cut at a common time, and the
/// data say so.
struct PageLimits {
  size_t evaluations_a_run = 2000;
  size_t spans = 20000;  ///< all runs together, shared so that runs with few leave more to the others
};

/// What the page draws, as web/report.js reads it.
nlohmann::ordered_json page_data(const ComparisonSummary&, const std::vector<RunLog>& runs, const PageLimits& = {});

}  // namespace experiments
