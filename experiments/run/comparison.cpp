#include "experiments/run/comparison.h"

#include "experiments/config/slug.h"
#include "experiments/run/drive.h"
#include "experiments/run/single_run.h"

namespace experiments {

std::filesystem::path run_directory(const std::filesystem::path& directory, const std::string& method, uint64_t seed) {
  return directory / slug(method) / std::to_string(seed);
}

void prepare(const ExperimentConfig& experiment, Resources& resources) {
  for (const MethodConfig& method : experiment.methods) {
    resources.read_input(method.run);
    for (const uint64_t seed : experiment.seeds) {
      if (std::holds_alternative<TextData>(method.run.data)) resources.shards(method.run, seed);
      if (std::holds_alternative<WeightsStart>(method.run.start)) resources.start(method.run, seed, {});
    }
  }
}

std::vector<RunLog> run_comparison(const ExperimentConfig& experiment, Resources& resources,
                                   const std::filesystem::path& directory, ComparisonObserver& observer) {
  // Seed by seed, so that the methods advance side by side; the logs are put back in order of method.
  const size_t methods = experiment.methods.size(), seeds = experiment.seeds.size();
  std::vector<RunLog> logs(methods * seeds);
  drive(
      logs.size(), drivers_for(resources.pool().threads()),
      [&](size_t j) {
        const size_t m = j % methods;
        const uint64_t seed = experiment.seeds[j / methods];
        const MethodConfig& method = experiment.methods[m];
        std::optional<std::filesystem::path> weights;
        if (experiment.save_weights) weights = run_directory(directory, method.name, seed);
        RunLog log = train(
            method, seed, resources, [&](int64_t step, double loss) { observer.pretraining(m, seed, step, loss); },
            [&](const Counters& at, std::optional<double> loss) { observer.progress(m, seed, at, loss); }, weights);
        observer.finished(m, seed, log);
        logs[m * seeds + j / methods] = std::move(log);
      },
      [&] { resources.pool().cancel(); });
  return logs;
}

}  // namespace experiments
