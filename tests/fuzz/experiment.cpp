#include "experiments/config/experiment_config.h"
#include "experiments/config/parse.h"
#include "tests/fuzz/fuzz.h"

using namespace experiments;

/// An experiment file, as `straggle check` takes it.
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string place = "/nowhere/experiment.json";
  try {
    const ExperimentConfig experiment = parse_experiment(parse_json(fuzz::text(data, size), place), place);
    const std::string resolved = text_of(to_json(experiment), 2);
    const ExperimentConfig again = parse_experiment(parse_json(resolved, place), place);
    fuzz::require(text_of(to_json(again), 2) == resolved, "what check prints parses to the same experiment");
  } catch (const InvalidConfig&) {
  }
  return 0;
}
