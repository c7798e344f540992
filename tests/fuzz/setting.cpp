#include "experiments/config/experiment_config.h"
#include "experiments/config/parse.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/small_experiment.h"

using namespace experiments;

/// A `--set /POINTER=VALUE`.
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    Json document = fuzz::small_experiment();
    apply_setting(document, "/nowhere/setting.json", fuzz::text(data, size));
    parse_experiment(document, "/nowhere/setting.json");
  } catch (const InvalidConfig&) {
  }
  return 0;
}
