#include "experiments/run/comparison.h"

#include <algorithm>

#include "experiments/config/experiment_config.h"
#include "experiments/config/slug.h"

namespace experiments {

std::filesystem::path run_directory(const std::filesystem::path& directory, const std::string& method, uint64_t seed) {
  return directory / slug(method) / std::to_string(seed);
}

ExperimentConfig without_failed(ExperimentConfig experiment, const std::vector<RunFailure>& failures) {
  const auto failed = [&](const std::string& name) {
    return std::any_of(failures.begin(), failures.end(), [&](const RunFailure& f) { return f.method == name; });
  };
  std::erase_if(experiment.methods, [&](const MethodConfig& method) { return failed(method.name); });
  if (experiment.baseline && failed(*experiment.baseline)) experiment.baseline.reset();
  return experiment;
}

}  // namespace experiments
