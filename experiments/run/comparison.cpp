#include "experiments/run/comparison.h"

#include <algorithm>
#include <exception>
#include <new>

#include "experiments/config/slug.h"
#include "experiments/run/checkpoint.h"
#include "experiments/run/drive.h"
#include "experiments/run/observed.h"
#include "experiments/run/run_key.h"
#include "experiments/run/single_run.h"

namespace experiments {

std::filesystem::path run_directory(const std::filesystem::path& directory, const std::string& method, uint64_t seed) {
  return directory / slug(method) / std::to_string(seed);
}

void prepare(const ExperimentConfig& experiment, SharedInputs& inputs) {
  for (const MethodConfig& method : experiment.methods) {
    inputs.read_input(method.run);
    if (!std::holds_alternative<TextData>(method.run.data)) continue;
    for (const uint64_t seed : experiment.seeds) inputs.shards(method.run, seed);
  }
}

ExperimentConfig without_failed(ExperimentConfig experiment, const std::vector<RunFailure>& failures) {
  const auto failed = [&](const std::string& name) {
    return std::any_of(failures.begin(), failures.end(), [&](const RunFailure& f) { return f.method == name; });
  };
  std::erase_if(experiment.methods, [&](const MethodConfig& method) { return failed(method.name); });
  if (experiment.baseline && failed(*experiment.baseline)) experiment.baseline.reset();
  return experiment;
}

namespace {
std::string message_of(const std::exception& error) {
  return dynamic_cast<const std::bad_alloc*>(&error) ? std::string(kOutOfMemory) : error.what();
}
}  // namespace

Comparison run_comparison(const ExperimentConfig& experiment, SharedInputs& inputs,
                          const std::filesystem::path& directory, ComparisonObserver& observer,
                          const ComparisonOptions& options) {
  // Seed by seed, so that the methods advance side by side; the logs are put back in order of method.
  const size_t methods = experiment.methods.size(), seeds = experiment.seeds.size();
  std::vector<std::optional<RunLog>> logs(methods * seeds);
  std::vector<std::exception_ptr> errors(methods * seeds);
  std::vector<std::string> messages(methods * seeds);
  RunKeys keys([&](const RunConfig& run) { return inputs.text(run)->corpus_hash; });
  Observed observed;
  drive(
      logs.size(), drivers_for(inputs.pool().threads()),
      [&](size_t j) {
        const size_t m = j % methods, place = m * seeds + j / methods;
        const uint64_t seed = experiment.seeds[j / methods];
        const MethodConfig& method = experiment.methods[m];
        TrainOptions how{.weights = {}, .most_updates = options.most_updates, .checkpoints = {}};
        const std::filesystem::path own = run_directory(directory, method.name, seed);
        if (experiment.save_weights) how.weights = own;
        if (options.checkpoint_every)
          how.checkpoints = {.directory = own / kCheckpointDirectory,
                             .identity = keys.identity(method.run, seed),
                             .every = *options.checkpoint_every,
                             .at_end = true,
                             .warn = [&, m, seed](const std::string& text) { observer.warning(m, seed, text); }};
        try {
          logs[place] = train(
              method, seed, inputs,
              [&](int64_t step, double loss) { observed([&] { observer.pretraining(m, seed, step, loss); }); },
              [&](const Counters& at, std::optional<double> loss) {
                observed([&] { observer.progress(m, seed, at, loss); });
              },
              how);
        } catch (const OutputError&) {  // a disk's failure, which is not the run's
          throw;
        } catch (const std::exception& error) {
          if (observed.ended() || inputs.pool().cancelled()) throw;
          errors[place] = std::current_exception();
          messages[place] = message_of(error);
          observer.failed(m, seed, messages[place]);
          return;
        }
        observer.finished(m, seed, *logs[place]);
      },
      [&] { inputs.pool().cancel(); });

  Comparison comparison;
  for (size_t m = 0; m < methods; ++m) {
    const auto first = static_cast<ptrdiff_t>(m * seeds), last = first + static_cast<ptrdiff_t>(seeds);
    const bool whole =
        std::all_of(logs.begin() + first, logs.begin() + last, [](const auto& log) { return log.has_value(); });
    for (size_t s = 0; s < seeds; ++s) {
      std::optional<RunLog>& log = logs[m * seeds + s];
      if (log)
        (whole ? comparison.runs : comparison.unpaired).push_back(std::move(*log));
      else
        comparison.failures.push_back({experiment.methods[m].name, experiment.seeds[s], messages[m * seeds + s]});
    }
  }
  if (comparison.runs.empty())
    std::rethrow_exception(*std::find_if(errors.begin(), errors.end(), [](const auto& e) { return e != nullptr; }));
  return comparison;
}

}  // namespace experiments
