#include "experiments/import/calibrate.h"

#include <algorithm>
#include <cmath>

#include "experiments/config/config_fields.h"
#include "experiments/run/build_workers.h"
#include "sim/trace_file.h"
#include "sim/workers/speed_model.h"

namespace experiments {
namespace {

/// Many enough that their own chance is small beside the log's, as far as that takes a moment.
size_t simulated_count(size_t steps) { return std::clamp<size_t>(4'000'000 / steps, 100, 10'000); }

/// Sums of `steps` steps in a row within a stretch.
std::vector<double> measured_rounds(const StepLog& log, size_t steps) {
  std::vector<double> rounds;
  for (const auto& stretch : log.seconds)
    for (size_t i = 0; i + steps <= stretch.size(); i += steps) {
      double sum = 0.0;
      for (size_t k = 0; k < steps; ++k) sum += stretch[i + k];
      rounds.push_back(sum);
    }
  return rounds;
}

/// Rounds one after another, as a run's clock takes them: the jitter's work, and the end of it at the worker's speed.
std::vector<double> simulated_rounds(const sim::Workers& workers, sim::NodeId worker, size_t steps) {
  std::vector<double> rounds;
  const size_t count_of_rounds = simulated_count(steps);
  sim::Time now = sim::kTimeZero;
  for (size_t r = 0; r < count_of_rounds; ++r) {
    const auto first = static_cast<int64_t>(r * steps), count = static_cast<int64_t>(steps);
    const bool jitters = !workers.jitter.values().empty() && workers.jitter[worker];
    const double work =
        jitters ? workers.jitter[worker]->work(static_cast<int64_t>(r), first, count) : static_cast<double>(count);
    const sim::Time end = sim::finish_time(*workers.speed[worker], now, work);
    rounds.push_back(sim::to_seconds(end - now));
    now = end;
  }
  return rounds;
}

/// Steps a second in whole windows from the start, pauses left out; what comes after the last is left out, and the last
/// row closes the trace with the mean of all.
std::string windowed_trace(const StepLog& log, double window) {
  double time = 0.0;
  std::vector<int64_t> steps;
  for (const double s : log.all()) {
    time += s;
    const auto k = static_cast<size_t>(std::ceil(time / window)) - 1;  // of the window in which it ends
    if (k > 10'000'000) throw sim::TraceError(log.name + ": more than 10000000 windows; allowed: longer ones");
    if (k >= steps.size()) steps.resize(k + 1);
    ++steps[k];
  }
  const auto whole = static_cast<size_t>(time / window);
  if (whole < 1) throw sim::TraceError(log.name + ": lasts " + number_text(time) + " s; allowed: longer than a window");
  std::string csv = "time,steps_per_second\n";
  double sum = 0.0;
  for (size_t k = 0; k < whole; ++k) {
    csv +=
        number_text(static_cast<double>(k) * window) + "," + number_text(static_cast<double>(steps[k]) / window) + "\n";
    sum += static_cast<double>(steps[k]);
  }
  const double end = static_cast<double>(whole) * window;
  return csv + number_text(end) + "," + number_text(sum / end) + "\n";
}

Json worker_of(const StepFit& fit) {
  Json worker = {{"speed", {{"kind", "steady"}, {"seconds_per_step", fit.seconds_per_step}}}};
  if (fit.sigma > 0.0) worker["jitter"] = {{"kind", "lognormal"}, {"sigma", fit.sigma}};
  if (fit.spells)
    worker["slow_spells"] = {{"mean_seconds_between", fit.spells->mean_seconds_between},
                             {"mean_seconds", fit.spells->mean_seconds},
                             {"factor", fit.spells->factor}};
  return worker;
}

void warn(std::vector<std::string>& notes, const StepFit& fit) {
  if (fit.steps < 200)
    notes.push_back("short: with " + counted(fit.steps, "step") + " the jitter is known to ± " +
                    std::to_string(std::lround(100 * fit.sigma_error)) + " %; 200 steps know it to 5 %");
  if (fit.spells && fit.spells->count < 5)
    notes.push_back("only " + counted(fit.spells->count, "slow spell") +
                    " seen: their mean length and distance are guesses; five or more are needed");
  if (fit.distance > fit.allowed_distance)
    notes.push_back("the steps outside spells are not lognormal (distance above its 5 % bound)");
  if (std::abs(fit.correlation) > 2.0 / std::sqrt(static_cast<double>(fit.steps)))
    notes.push_back(
        "neighbouring steps are correlated, which the simulated jitter is not: rounds may spread otherwise");
}

/// As the experiment file's reader takes them.
sim::Workers build(const Json& workers) {
  RunConfig run;
  std::vector<Mistake> mistakes;
  JsonReader::read(workers, run.workers, any(), "/workers", mistakes);
  if (!mistakes.empty()) throw InvalidConfig("calibrated workers", mistakes);
  return build_workers(run, 0);
}

}  // namespace

Calibration calibrate(const ImportFiles& paths, const CalibrateOptions& options) {
  Calibration made;
  made.round_steps = options.round_steps;
  made.imported.cluster["workers"] = Json::array();
  for (const auto& path : paths)
    for (StepLog& log : read_step_logs(path, options.form)) {
      StepFit fit = fit_steps(log);
      made.workers.push_back({std::move(log), std::move(fit), {}, {}});
    }
  Json& workers = made.imported.cluster["workers"];
  for (size_t w = 0; w < made.workers.size(); ++w) {
    CalibratedWorker& worker = made.workers[w];
    std::vector<std::string> notes = worker.log.notes;
    warn(notes, worker.fit);
    workers.push_back(worker_of(worker.fit));
    if (options.windows) {
      const std::string name = "speed_" + std::to_string(w) + ".csv";
      made.imported.files[name] = windowed_trace(worker.log, *options.windows);
      workers.back()["speed"] = {{"kind", "traced"}, {"file", name}, {"end", "repeat"}};
      workers.back().erase("slow_spells");
      notes.push_back("a trace in windows of " + number_text(*options.windows) + " s, repeated, for speed and spells");
    }
    for (const std::string& note : notes)
      made.imported.notes.push_back("worker " + std::to_string(w) + ", " + worker.log.name + ": " + note);
  }
  std::vector<std::string> names;
  for (const CalibratedWorker& worker : made.workers)
    names.push_back(std::filesystem::path(worker.log.name).filename());
  name_workers(made.imported, names);
  for (CalibratedWorker& worker : made.workers) worker.measured = measured_rounds(worker.log, options.round_steps);
  if (options.windows) return made;  // such a trace is the measured rounds again
  const sim::Workers simulated = build(workers);
  for (size_t w = 0; w < made.workers.size(); ++w)
    made.workers[w].simulated = simulated_rounds(simulated, static_cast<sim::NodeId>(w), options.round_steps);
  return made;
}

}  // namespace experiments
