#include "experiments/run/throughput.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <thread>

#include "experiments/config/experiment_config.h"
#include "experiments/config/parse.h"
#include "experiments/run/build.h"
#include "experiments/run/streams.h"
#include "models/train/inner_optimizer.h"

namespace experiments {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// A step of more than this is not tried out for an estimate.
constexpr double kLongestStepFlops = 5e9;

models::Batch random_batch(const RunConfig& run, const Stream& random) {
  const int64_t sequences = run.local.batch_size;
  if (const auto* points = std::get_if<MixtureData>(&run.data)) {
    models::GaussianMixtureConfig few = points->mixture;
    few.points = sequences;
    return models::sample_points(models::draw_points(few, random), 0, sequences, random).at(0);
  }
  const auto& model = std::get<models::TransformerConfig>(run.model);
  models::Batch batch{.sequences = sequences, .length = model.context, .inputs = {}, .targets = {}, .features = {}};
  const auto token = [&](uint64_t n) {
    return static_cast<int32_t>(random.below(static_cast<uint64_t>(model.vocabulary), 0, n));
  };
  for (uint64_t n = 0; n < static_cast<uint64_t>(sequences * model.context); ++n) {
    batch.inputs.push_back(token(2 * n));
    batch.targets.push_back(token(2 * n + 1));
  }
  return batch;
}

/// Validation domains, as far as a glance at the corpus tells.
int64_t count_domains(const std::string& corpus) {
  std::error_code error;
  if (!std::filesystem::is_directory(corpus, error)) return 1;
  int64_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(corpus, error))
    files += entry.path().extension() == ".txt";
  return std::max<int64_t>(1, files);
}

}  // namespace

TrainingSpeed measure_training(const RunConfig& run, int threads, double seconds) {
  const auto model = build_objective(run);
  const Stream random(1, "throughput");
  const models::Batch batch = random_batch(run, random);
  models::Params start(model->layout().size());
  model->initialise(start, random);
  std::vector<double> rates(static_cast<size_t>(threads));
  std::vector<std::thread> workers;
  for (double& rate : rates) {
    workers.emplace_back([&] {
      models::Params params = start, gradient(start.size());
      const auto workspace = model->workspace();
      models::OptimizerState state;
      const auto step = [&] {
        models::training_step(*model, models::AdamWConfig{}, 1e-4, params, batch, *workspace, gradient, state);
      };
      step();  // the first one allocates
      const auto began = Clock::now();
      double steps = 0, elapsed = 0;
      do {
        step();
        ++steps;
        elapsed = since(began);
      } while (elapsed < seconds);
      rate = steps * static_cast<double>(batch.targets.size()) / elapsed;
    });
  }
  for (std::thread& worker : workers) worker.join();
  TrainingSpeed speed;
  for (const double rate : rates) speed.tokens_per_second += rate;
  speed.flops_per_second = speed.tokens_per_second * model->flops_per_target(run.context());
  return speed;
}

HostEstimate estimate_host_time(const ExperimentConfig& experiment, std::span<const Counters> ends, int threads,
                                double seconds) {
  std::map<std::string, double> measured;  // tokens a second by model and batch
  const auto tokens_per_second = [&](const RunConfig& run) {
    RunConfig tried;  // what the speed depends on
    tried.data = run.data;
    tried.model = run.model;
    tried.local.batch_size = run.local.batch_size;
    const double flops = build_objective(run)->flops_per_target(run.context());
    const bool small = flops * static_cast<double>(run.tokens_per_step()) <= kLongestStepFlops;
    if (!small) {
      tried = RunConfig{};
      tried.model = models::model_presets().front().second;
    }
    const std::string key = written(tried).dump();
    const int at_once = static_cast<int>(std::min<int64_t>(threads, std::max<int64_t>(2, run.worker_count())));
    if (!measured.contains(key)) measured[key] = measure_training(tried, at_once, seconds).flops_per_second;
    return measured[key] / flops;
  };
  HostEstimate estimate;
  std::set<std::string> starts;
  for (size_t m = 0; m < experiment.methods.size(); ++m) {
    const RunConfig& run = experiment.methods[m].run;
    const Counters& end = ends[m];
    const double rate = tokens_per_second(run);
    if (estimate.tokens_per_second == 0) estimate.tokens_per_second = rate;
    double tokens = static_cast<double>(end.tokens);
    // Evaluation is forward only, a third of a training step.
    double interval = 1e300;
    const EvaluationInterval& every = run.evaluation.every;
    if (every.local_steps) interval = static_cast<double>(*every.local_steps) / static_cast<double>(end.local_steps);
    if (every.server_updates)
      interval = static_cast<double>(*every.server_updates) / static_cast<double>(end.server_updates);
    if (every.simulated_seconds) interval = *every.simulated_seconds / sim::to_seconds(end.time);
    const auto* text = std::get_if<TextData>(&run.data);
    const int64_t domains = text ? count_domains(text->corpus) : 1;
    tokens += (1.0 + 1.0 / interval) / 3.0 * static_cast<double>(run.evaluation.windows * domains * run.context());
    RunConfig start_only;  // methods that share these share their start
    start_only.data = run.data;
    start_only.model = run.model;
    start_only.start = run.start;
    if (const auto* pretrain = std::get_if<PretrainedStart>(&run.start);
        pretrain && starts.insert(written(start_only).dump()).second)
      tokens += static_cast<double>(pretrain->steps * pretrain->batch_size * run.context());
    estimate.seconds += static_cast<double>(experiment.seeds.size()) * tokens / rate;
  }
  return estimate;
}

}  // namespace experiments
