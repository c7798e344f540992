#include "experiments/run/single_run.h"

#include <algorithm>
#include <chrono>

#include "experiments/run/build.h"
#include "experiments/run/training_learner.h"
#include "models/weights.h"

namespace experiments {

RunLog train(const MethodConfig& method, uint64_t seed, Resources& resources, const PretrainProgress& pretraining,
             const Progress& progress, const std::optional<std::filesystem::path>& weights,
             std::optional<int64_t> most_updates) {
  RunParts parts = build_run(method.run, seed, resources, pretraining);
  // The parts know their schedules' lengths by now: a run cut short has the learning rates of the whole one.
  if (most_updates)
    parts.stop.server_updates = std::min(*most_updates, parts.stop.server_updates.value_or(*most_updates));
  const auto& learner = static_cast<const TrainingLearner&>(*parts.learner);
  const auto save = [&](const char* file) {
    if (!weights) return;
    std::filesystem::create_directories(*weights);
    models::save_weights(*weights / file, resources.objective(method.run)->layout(), learner.params(),
                         {{"method", method.name}, {"seed", std::to_string(seed)}});
  };
  save("initial.safetensors");
  const auto started = std::chrono::steady_clock::now();  // informative only: host_seconds is in no compared file
  RunLog log = run(parts, progress);
  log.host_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  save("final.safetensors");
  log.method = method.name;
  log.seed = seed;
  if (const auto* data = std::get_if<TextData>(&method.run.data)) {
    const auto text = resources.text(*data);
    for (const auto& domain : text->domains) log.domains.push_back(domain.name);
    log.bytes_per_token = text->bytes_per_token;
  } else {
    log.domains.push_back("points");
  }
  return log;
}

}  // namespace experiments
