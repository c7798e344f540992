#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "experiments/paper/claims.h"
#include "experiments/report/summary.h"

namespace experiments {

struct JudgedClaim {
  Claim claim;
  std::vector<Finding> findings;
};
struct JudgedMethod : MethodSummary {
  std::string no_time;  ///< what is said where time_to_target is empty; else empty
};
struct JudgedExperiment {
  std::string name, baseline;               ///< the latter "" when the experiment names none
  Estimate start_loss, start_perplexity;    ///< of the model that all methods start from
  std::vector<JudgedMethod> methods;        ///< at the common target
  std::vector<std::string> notes;           ///< on how runs ended
  std::vector<std::string> other_settings;  ///< pointers of what is not as in the experiment's file
};
/// All that the page says of a section's results. A file beside the page keeps it, so that the page can be written
/// without the results.
struct SectionRecord {
  std::vector<JudgedClaim> claims;
  std::vector<JudgedExperiment> experiments;  ///< those that were run
};

/// Claims whose experiments have no results are not run.
SectionRecord judge_section(const PlannedSection&, const ResultsByName&);

/// The record as JSON, a short object a line.
std::string record_text(SectionRecord);
/// The record that the text is of; what is not finite has become NaN. Throws InvalidConfig, which names `file`.
SectionRecord parse_record(const std::string& text, const std::string& file);
/// The record in `file`. Throws InvalidConfig also where it is of other claims, experiments or methods than the plan's.
SectionRecord read_record(const std::filesystem::path& file, const PlannedSection&);

}  // namespace experiments
