#include "experiments/report/summary.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>

#include "experiments/report/curves.h"
#include "experiments/report/ending_notes.h"

namespace experiments {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Throws unless every method has the same seeds in the same order.
void check_seeds(const std::vector<MethodRuns>& methods) {
  for (const MethodRuns& method : methods) {
    const bool same = std::equal(method.begin(), method.end(), methods[0].begin(), methods[0].end(),
                                 [](const RunLog* a, const RunLog* b) { return a->seed == b->seed; });
    if (!same)
      throw std::invalid_argument("a comparison pairs runs by seed, and \"" + method[0]->method +
                                  "\" was not run with the seeds of \"" + methods[0][0]->method + "\"");
  }
}

std::optional<double> lowest_loss(const RunLog& run) {
  if (run.diverged) return std::nullopt;
  std::optional<double> lowest;
  for (const Evaluation& e : run.evaluations)
    if (std::isfinite(e.loss) && (!lowest || e.loss < *lowest)) lowest = e.loss;
  return lowest;
}

template <class Value>
Estimate over(const MethodRuns& runs, Value value) {
  std::vector<double> values;
  for (const RunLog* run : runs) values.push_back(value(*run));
  return estimate(values);
}

/// value(i) of every seed; empty as soon as one seed has none.
template <class Value>
std::optional<std::vector<double>> of_all(size_t seeds, Value value) {
  std::vector<double> values;
  for (size_t i = 0; i < seeds; ++i) {
    const std::optional<double> one = value(i);
    if (!one) return std::nullopt;
    values.push_back(*one);
  }
  return values;
}

MethodSummary summarise_method(const MethodRuns& runs, const MethodRuns* baseline, const std::vector<double>& targets) {
  MethodSummary s;
  s.method = runs[0]->method;
  s.seeds = static_cast<int>(runs.size());
  for (const RunLog* run : runs) s.diverged += run->diverged, s.out_of_workers += run->out_of_workers;
  s.loss = over(runs, final_loss);
  s.perplexity = over(runs, [](const RunLog& r) { return perplexity(final_loss(r)); });
  s.bits_per_byte = over(runs, [](const RunLog& r) { return bits_per_byte(final_loss(r), r.bytes_per_token); });
  s.server_updates = over(runs, [](const RunLog& r) { return static_cast<double>(r.final.server_updates); });
  s.local_steps = over(runs, [](const RunLog& r) { return static_cast<double>(r.final.local_steps); });
  s.tokens = over(runs, [](const RunLog& r) { return static_cast<double>(r.final.tokens); });
  s.simulated_seconds = over(runs, [](const RunLog& r) { return sim::to_seconds(r.final.time); });
  s.utilisation = over(runs, utilisation);
  s.staleness = over(runs, mean_staleness);
  const auto times = of_all(runs.size(), [&](size_t i) { return time_to_target(*runs[i], targets[i]); });
  if (times) s.time_to_target = estimate(*times);
  if (!baseline) return s;
  const auto theirs = of_all(runs.size(), [&](size_t i) { return time_to_target(*(*baseline)[i], targets[i]); });
  // A target met at the start, before any training, compares nothing.
  const auto positive = [](const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [](double v) { return v > 0; });
  };
  const auto differences = of_all(runs.size(), [&](size_t i) -> std::optional<double> {
    const double difference = final_loss(*runs[i]) - final_loss(*(*baseline)[i]);
    return std::isfinite(difference) ? std::optional(difference) : std::nullopt;
  });
  if (times && theirs && positive(*times) && positive(*theirs)) s.speed_up = ratio_of_means(*theirs, *times);
  if (differences) s.loss_difference = estimate(*differences);
  if (baseline == &runs) return s;
  if (s.speed_up) {
    std::vector<double> saved;
    for (size_t i = 0; i < times->size(); ++i) saved.push_back((*theirs)[i] - (*times)[i]);
    s.speed_up_p = paired_p(saved);
  }
  if (differences) s.loss_difference_p = paired_p(*differences);
  return s;
}

}  // namespace

std::optional<double> time_to_target(const RunLog& run, double target) {
  if (run.diverged) return std::nullopt;
  for (const Evaluation& e : run.evaluations)
    if (e.loss <= target) return sim::to_seconds(e.at.time);
  return std::nullopt;
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
    if (!u.dropped) sum += static_cast<double>(u.staleness_updates), ++applied;
  return applied > 0 ? sum / static_cast<double>(applied) : kNaN;
}

int64_t max_staleness(const RunLog& run) {
  int64_t largest = 0;
  for (const UpdateRecord& u : run.updates)
    if (!u.dropped) largest = std::max(largest, u.staleness_updates);
  return largest;
}

std::string divergence_text(const MethodSummary& method) {
  if (method.diverged == 0) return "";
  return method.diverged == method.seeds
             ? "diverged"
             : "diverged (" + std::to_string(method.diverged) + " of " + std::to_string(method.seeds) + ")";
}

ComparisonSummary summarise(const std::string& name, const std::string& baseline, const std::vector<RunLog>& runs) {
  const std::vector<MethodRuns> methods = by_method(runs);
  check_seeds(methods);
  ComparisonSummary summary;
  summary.name = name;
  summary.baseline = baseline;
  if (methods.empty()) return summary;
  const auto base =
      std::find_if(methods.begin(), methods.end(), [&](const MethodRuns& m) { return m[0]->method == baseline; });
  if (!baseline.empty() && base == methods.end())
    throw std::invalid_argument("the baseline \"" + baseline + "\" is none of the methods that were run");

  for (size_t i = 0; i < methods[0].size(); ++i) {
    double target = kNaN;
    for (const MethodRuns& method : methods)
      if (const auto lowest = lowest_loss(*method[i]))
        target = std::isnan(target) ? *lowest : std::max(target, *lowest);
    summary.seeds.push_back(methods[0][i]->seed);
    summary.target_loss.push_back(target);
  }
  for (const MethodRuns& method : methods)
    summary.methods.push_back(summarise_method(method, baseline.empty() ? nullptr : &*base, summary.target_loss));
  summary.notes = ending_notes(methods);
  return summary;
}

std::optional<double> target_for(const ComparisonSummary& summary, uint64_t seed) {
  for (size_t i = 0; i < summary.seeds.size(); ++i)
    if (summary.seeds[i] == seed && std::isfinite(summary.target_loss[i])) return summary.target_loss[i];
  return std::nullopt;
}

}  // namespace experiments
