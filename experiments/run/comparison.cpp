#include "experiments/run/comparison.h"

#include <atomic>
#include <chrono>
#include <exception>
#include <thread>

#include "experiments/config/slug.h"
#include "experiments/run/build.h"
#include "experiments/run/training_learner.h"
#include "models/weights.h"

namespace experiments {
namespace {

struct Job {
  size_t method;
  uint64_t seed;
};

RunLog run_job(const ExperimentConfig& experiment, const Job& job, Resources& resources, const std::filesystem::path& directory,
               ComparisonObserver& observer) {
  const MethodConfig& method = experiment.methods[job.method];
  RunParts parts = build_run(method.run, job.seed, resources,
                             [&](int64_t step, double loss) { observer.pretraining(job.method, job.seed, step, loss); });
  const auto& learner = static_cast<const TrainingLearner&>(*parts.learner);
  const auto save = [&](const char* file) {
    if (!experiment.save_weights) return;
    const auto place = run_directory(directory, method.name, job.seed);
    std::filesystem::create_directories(place);
    models::save_weights(place / file, resources.objective(method.run.model)->layout(), learner.params(),
                         {{"method", method.name}, {"seed", std::to_string(job.seed)}});
  };
  save("initial.safetensors");
  const auto started = std::chrono::steady_clock::now();  // informative only: host_seconds is in no compared file
  RunLog log = run(parts, [&](const Counters& at, std::optional<double> loss) { observer.progress(job.method, job.seed, at, loss); });
  log.host_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  save("final.safetensors");
  log.method = method.name;
  log.seed = job.seed;
  const auto text = resources.text(method.run.data);
  for (const auto& domain : text->domains) log.domains.push_back(domain.name);
  log.bytes_per_token = text->bytes_per_token;
  observer.finished(job.method, job.seed, log);
  return log;
}

}  // namespace

std::filesystem::path run_directory(const std::filesystem::path& directory, const std::string& method, uint64_t seed) {
  return directory / slug(method) / std::to_string(seed);
}

void prepare(const ExperimentConfig& experiment, Resources& resources) {
  for (const MethodConfig& method : experiment.methods) {
    resources.objective(method.run.model);
    resources.text(method.run.data);
    for (const uint64_t seed : experiment.seeds) {
      resources.shards(method.run, seed);
      if (std::holds_alternative<WeightsStart>(method.run.start)) resources.start(method.run, seed, {});
    }
  }
}

std::vector<RunLog> run_comparison(const ExperimentConfig& experiment, Resources& resources, const std::filesystem::path& directory,
                                   ComparisonObserver& observer) {
  // Seed by seed, so that the methods advance side by side; the logs are put back in order of method.
  std::vector<Job> jobs;
  for (const uint64_t seed : experiment.seeds)
    for (size_t m = 0; m < experiment.methods.size(); ++m) jobs.push_back({m, seed});
  std::vector<RunLog> logs(jobs.size());
  std::vector<std::exception_ptr> errors(jobs.size());
  std::atomic<size_t> next{0};
  std::atomic<bool> failed{false};
  const auto drive = [&] {
    for (size_t j = next++; j < jobs.size() && !failed; j = next++) {
      try {
        const size_t seed_index = j / experiment.methods.size();
        logs[jobs[j].method * experiment.seeds.size() + seed_index] = run_job(experiment, jobs[j], resources, directory, observer);
      } catch (...) {
        errors[j] = std::current_exception();
        failed = true;
      }
    }
  };
  // A driver mostly waits for its run's tasks on the pool. One more than the pool's threads keeps the pool busy while a run waits for
  // its last worker or its evaluations; more would only hold more models in memory.
  const size_t drivers = std::min(jobs.size(), static_cast<size_t>(resources.pool().threads()) + 1);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < drivers; ++i) threads.emplace_back(drive);
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
  return logs;
}

}  // namespace experiments
