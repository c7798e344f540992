#include "experiments/sweep/execute.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <new>

#include "experiments/run/checkpoint.h"
#include "experiments/run/drive.h"
#include "experiments/run/manifest.h"
#include "experiments/run/run_key.h"
#include "experiments/run/single_run.h"

namespace experiments {
namespace {

/// Where one run's files go while it is trained, and what becomes of it then.
struct RunPlace {
  TrainOptions how;  ///< its checkpoints' identity and warnings come from execute()
  std::function<void(const std::shared_ptr<RunLog>&)> keep;
  std::function<void(const std::string& message)> keep_failure;  ///< within the handler of its exception
};

/// Trains the runs, each at its place.
void execute(const SweepPlan& plan, const std::vector<PlannedRun>& runs, size_t jobs,
             const std::function<RunPlace(size_t run)>& place_of, SharedInputs& inputs, RunObserver& observer) {
  RunKeys keys([&](const RunConfig& run) { return inputs.text(run)->corpus_hash; });
  std::atomic<bool> ended{false};  // by the observer
  const auto observed = [&](const auto& call) {
    try {
      call();
    } catch (...) {
      ended = true;
      throw;
    }
  };
  const auto job = [&](size_t r) {
    const PlannedRun& run = runs[r];
    RunPlace place = place_of(r);
    if (place.how.checkpoints) {
      place.how.checkpoints->identity = keys.identity(plan.method(run).run, run.seed);
      place.how.checkpoints->warn = [&, r](const std::string& text) { observer.warning(r, text); };
    }
    std::shared_ptr<RunLog> log;
    try {
      log = std::make_shared<RunLog>(train(
          plan.method(run), run.seed, inputs,
          [&](int64_t step, double loss) { observed([&] { observer.pretraining(r, step, loss); }); },
          [&](const Counters& at, std::optional<double> loss) { observed([&] { observer.progress(r, at, loss); }); },
          place.how));
    } catch (const OutputError&) {
      throw;
    } catch (const std::exception& error) {
      if (ended || inputs.pool().cancelled()) throw;
      const std::string message = dynamic_cast<const std::bad_alloc*>(&error) ? kOutOfMemory : error.what();
      place.keep_failure(message);
      observer.failed(r, message);
      return;
    }
    place.keep(log);
    observer.finished(r, *log);
  };
  drive(runs.size(), jobs, job, [&] { inputs.pool().cancel(); });
}

}  // namespace

void execute_sweep(const SweepPlan& plan, const std::vector<PlannedRun>& runs, size_t jobs, const RunStore& store,
                   SharedInputs& inputs, RunObserver& observer) {
  const size_t at_once = std::min(jobs, runs.size());
  const auto place_of = [&](size_t r) {
    const PlannedRun& run = runs[r];
    RunPlace place;
    place.how.checkpoints = {.directory = store.checkpoints(run.key),
                             .identity = {},
                             .every = kCheckpointInterval,
                             .at_end = false,
                             .warn = {}};
    // Parameters are written while the run goes on, so they need a place before its end.
    std::shared_ptr<Staged> weights;
    if (plan.save_weights()) {
      weights = std::shared_ptr<Staged>(new Staged(store.stage(run.key + "-weights")));
      place.how.weights = weights->path();
    }
    place.keep = [&, &run = runs[r], weights, aside = place.how.weights](const std::shared_ptr<RunLog>& log) {
      const Json host = {{"program", version_text()},
                         {"host_seconds", log->host_seconds},
                         {"threads", inputs.pool().threads()},
                         {"runs_at_once", at_once}};
      store.save(run.key, plan.point_json(run), *log, host, aside);
      inputs.forget_unused_shards();
    };
    place.keep_failure = [&, &run = runs[r]](const std::string& message) {
      store.save_failure(run.key, plan.point_json(run), message);
    };
    return place;
  };
  execute(plan, runs, jobs, place_of, inputs, observer);
}

Comparison execute_comparison(const SweepPlan& plan, const std::filesystem::path& directory, SharedInputs& inputs,
                              RunObserver& observer, const ComparisonOptions& options) {
  std::vector<std::shared_ptr<RunLog>> logs(plan.runs.size());
  std::vector<std::exception_ptr> errors(plan.runs.size());
  std::vector<std::string> messages(plan.runs.size());
  const auto place_of = [&](size_t r) {
    const std::filesystem::path own = directory / plan.runs[r].key;
    RunPlace place;
    place.how.most_updates = options.most_updates;
    if (plan.save_weights()) place.how.weights = own;
    if (options.checkpoint_every)
      place.how.checkpoints = {.directory = own / kCheckpointDirectory,
                               .identity = {},
                               .every = *options.checkpoint_every,
                               .at_end = true,
                               .warn = {}};
    place.keep = [&, r](const std::shared_ptr<RunLog>& log) { logs[r] = log; };
    place.keep_failure = [&, r](const std::string& message) {
      errors[r] = std::current_exception();
      messages[r] = message;
    };
    return place;
  };
  execute(plan, plan.runs, drivers_for(inputs.pool().threads()), place_of, inputs, observer);

  Comparison comparison;
  std::exception_ptr first;
  const size_t methods = plan.design.methods.size(), seeds = plan.design.seeds.size();
  for (size_t m = 0; m < methods; ++m) {
    bool whole = true;
    for (size_t s = 0; s < seeds; ++s) whole = whole && logs[s * methods + m];
    for (size_t s = 0; s < seeds; ++s) {
      const size_t r = s * methods + m;
      if (logs[r]) {
        (whole ? comparison.runs : comparison.unpaired).push_back(std::move(*logs[r]));
      } else {
        comparison.failures.push_back({plan.design.methods[m], plan.design.seeds[s], messages[r]});
        if (!first) first = errors[r];
      }
    }
  }
  if (comparison.runs.empty()) std::rethrow_exception(first);
  return comparison;
}

}  // namespace experiments
