#include "experiments/config/invalid_config.h"
#include "experiments/paper/read_plan.h"
#include "experiments/paper/section_record.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/small_experiment.h"

using namespace experiments;

/// A plan of reproduction beside the experiment file small.json, whose methods are A and B; behind a form feed the
/// record of a section.
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::file("small.json", fuzz::small_experiment().dump());
  const std::string text = fuzz::text(data, size);
  const size_t end = text.find('\f');
  const auto plan_file = fuzz::file("plan.json", text.substr(0, end));
  try {
    const ReproductionPlan plan = read_plan(plan_file);
    for (const PlannedSection& section : plan.sections)
      fuzz::require(section.experiments.size() == section.experiment_files.size(),
                    "every file of a section is an experiment");
  } catch (const InvalidConfig&) {
  }
  if (end == std::string::npos) return 0;
  try {
    const std::string written = record_text(parse_record(text.substr(end + 1), "record"));
    fuzz::require(record_text(parse_record(written, "record")) == written,
                  "a record that is read and written is the same when read again");
  } catch (const InvalidConfig&) {
  }
  return 0;
}
