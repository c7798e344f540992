#include "experiments/sweep/execute.h"

#include "experiments/run/checkpoint.h"
#include "experiments/run/drive.h"
#include "experiments/run/manifest.h"
#include "experiments/run/observed.h"
#include "experiments/run/run_key.h"
#include "experiments/run/single_run.h"

namespace experiments {

void execute(const SweepPlan& plan, const std::vector<PlannedRun>& runs, size_t jobs, const RunStore& store,
             SharedInputs& inputs, SweepObserver& observer) {
  const size_t at_once = std::min(jobs, runs.size());
  RunKeys keys([&](const RunConfig& run) { return inputs.text(run)->corpus_hash; });
  Observed observed;
  drive(runs.size(), jobs, [&](size_t r) {
    const PlannedRun& run = runs[r];
    // Parameters are written while the run goes on, so they need a place before its end.
    std::optional<StagedRun> weights;
    TrainOptions how;
    if (plan.save_weights()) how.weights = weights.emplace(store, run.key + "-weights").path();
    how.checkpoints = {.directory = store.checkpoints(run.key),
                       .identity = keys.identity(plan.method(run).run, run.seed),
                       .every = kCheckpointInterval,
                       .at_end = false,
                       .warn = [&, r](const std::string& text) { observer.warning(r, text); }};
    RunLog log;
    try {
      log = train(
          plan.method(run), run.seed, inputs,
          [&](int64_t step, double) { observed([&] { observer.pretraining(r, step); }); },
          [&](const Counters& at, std::optional<double>) { observed([&] { observer.progress(r, at); }); }, how);
    } catch (const OutputError&) {  // a disk's failure, which is not the run's
      throw;
    } catch (const std::exception& error) {
      if (observed.ended() || inputs.pool().cancelled()) throw;
      store.save_failure(run.key, plan.point_json(run), error.what());
      observer.failed(r, error.what());
      return;
    }
    const Json host = {{"program", version_text()},
                       {"host_seconds", log.host_seconds},
                       {"threads", inputs.pool().threads()},
                       {"runs_at_once", at_once}};
    store.save(run.key, plan.point_json(run), log, host, how.weights);
    observer.finished(r, log);
    inputs.forget_unused_shards();
  });
}

}  // namespace experiments
