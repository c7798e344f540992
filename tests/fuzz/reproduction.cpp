#include "experiments/report/read_plan.h"
#include "experiments/report/reproduction_plan.h"

#include "experiments/config/invalid_config.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/small_experiment.h"

using namespace experiments;

/// A plan of reproduction beside the experiment file small.json, whose methods are A and B.
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::file("small.json", fuzz::small_experiment().dump());
  const auto plan_file = fuzz::file("plan.json", fuzz::text(data, size));
  try {
    const ReproductionPlan plan = read_plan(plan_file);
    for (const PlannedSection& section : plan.sections)
      fuzz::require(section.experiments.size() == section.experiment_files.size(),
                    "every file of a section is an experiment");
  } catch (const InvalidConfig&) {
  }
  return 0;
}
