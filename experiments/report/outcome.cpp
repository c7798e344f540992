#include "experiments/report/outcome.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace experiments {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool is_start(const Evaluation& e) { return e.at.time == sim::kTimeZero; }

}  // namespace

std::optional<double> lowest_loss(const RunLog& run) {
  if (ending_of(run) != Ending::learned) return std::nullopt;
  std::optional<double> lowest;
  for (const Evaluation& e : run.evaluations)
    if (!is_start(e) && (!lowest || e.loss < *lowest)) lowest = e.loss;
  return lowest;
}

const Evaluation* at_target(const RunLog& run, double target) {
  if (run.diverged) return nullptr;
  for (const Evaluation& e : run.evaluations)
    if (!is_start(e) && e.loss <= target) return &e;
  return nullptr;
}

std::optional<double> time_to_target(const RunLog& run, double target) {
  const Evaluation* const reached = at_target(run, target);
  return reached ? std::optional(sim::to_seconds(reached->at.time)) : std::nullopt;
}

Ending ending_of(const RunLog& run) {
  const double end = final_loss(run);
  if (run.diverged || (!run.evaluations.empty() && !std::isfinite(end))) return Ending::diverged;
  if (end > run.guessing_loss) return Ending::above_guessing;
  return !run.evaluations.empty() && is_start(run.evaluations[0]) && end > run.evaluations[0].loss ? Ending::above_start
                                                                                                   : Ending::learned;
}

double perplexity(double loss) { return std::exp(loss); }

double bits_per_byte(double loss, double bytes_per_token) { return loss / std::numbers::ln2 / bytes_per_token; }

double final_loss(const RunLog& run) {
  return run.evaluations.empty() || run.diverged ? kNaN : run.evaluations.back().loss;
}

double utilisation(const RunLog& run) {
  sim::Duration compute{};
  for (const WorkerUse& w : run.workers) compute += w.compute;
  const double available = sim::to_seconds(run.final.time) * static_cast<double>(run.workers.size());
  return available > 0 ? sim::to_seconds(compute) / available : kNaN;
}

double mean_staleness(const RunLog& run) {
  double sum = 0;
  int64_t applied = 0;
  for (const UpdateRecord& u : run.updates)
    if (!u.dropped) {
      sum += static_cast<double>(u.staleness_updates);
      ++applied;
    }
  return applied > 0 ? sum / static_cast<double>(applied) : kNaN;
}

int64_t max_staleness(const RunLog& run) {
  int64_t largest = 0;
  for (const UpdateRecord& u : run.updates)
    if (!u.dropped) largest = std::max(largest, u.staleness_updates);
  return largest;
}

}  // namespace experiments
