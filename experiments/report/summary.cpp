#include "experiments/report/summary.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "experiments/config/experiment_config.h"
#include "experiments/report/curves.h"
#include "experiments/report/ending_notes.h"

namespace experiments {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// nullptr where there is none.
const RunLog* with_seed(const MethodRuns& runs, uint64_t seed) {
  const auto found = std::find_if(runs.begin(), runs.end(), [&](const RunLog* run) { return run->seed == seed; });
  return found == runs.end() ? nullptr : *found;
}

double target_of(const Target& target, const std::vector<MethodRuns>& methods, const MethodRuns* baseline,
                 uint64_t seed) {
  if (target.number) return *target.number;
  if (target.name == TargetKind::baseline) {
    const RunLog* const run = baseline ? with_seed(*baseline, seed) : nullptr;
    return run && ending_of(*run) == Ending::learned ? final_loss(*run) : kNaN;
  }
  double common = kNaN;
  for (const MethodRuns& method : methods)
    if (const RunLog* const run = with_seed(method, seed))
      if (const auto lowest = lowest_loss(*run)) common = std::isnan(common) ? *lowest : std::max(common, *lowest);
  return common;
}

template <class Value>
Estimate over(const MethodRuns& runs, Value value) {
  std::vector<double> values;
  for (const RunLog* run : runs) values.push_back(value(*run));
  return estimate(values);
}

/// value(run) of every seed; empty as soon as one seed has none.
template <class Value>
std::optional<std::vector<double>> of_all(const MethodRuns& runs, Value value) {
  std::vector<double> values;
  for (const RunLog* run : runs) {
    const std::optional<double> one = value(*run);
    if (!one) return std::nullopt;
    values.push_back(*one);
  }
  return values;
}

MethodSummary summarise_method(const MethodRuns& runs, const MethodRuns* baseline, const ComparisonSummary& summary) {
  MethodSummary s;
  s.method = runs[0]->method;
  s.seeds = static_cast<int>(runs.size());
  for (const RunLog* run : runs) {
    const Ending ending = ending_of(*run);
    s.diverged += ending == Ending::diverged;
    s.above_guessing += ending == Ending::above_guessing;
    s.above_start += ending == Ending::above_start;
    s.out_of_workers += run->out_of_workers;
  }
  s.loss = over(runs, final_loss);
  s.perplexity = over(runs, [](const RunLog& r) { return perplexity(final_loss(r)); });
  s.bits_per_byte = over(runs, [](const RunLog& r) { return bits_per_byte(final_loss(r), r.bytes_per_token); });
  s.server_updates = over(runs, [](const RunLog& r) { return static_cast<double>(r.final.server_updates); });
  s.local_steps = over(runs, [](const RunLog& r) { return static_cast<double>(r.final.local_steps); });
  s.tokens = over(runs, [](const RunLog& r) { return static_cast<double>(r.final.tokens); });
  s.simulated_seconds = over(runs, [](const RunLog& r) { return sim::to_seconds(r.final.time); });
  s.utilisation = over(runs, utilisation);
  s.staleness = over(runs, mean_staleness);
  const auto time = [&](const RunLog& run) {
    const auto target = target_for(summary, run.seed);
    return target ? time_to_target(run, *target) : std::nullopt;
  };
  for (const RunLog* run : runs) s.reached += time(*run).has_value();
  const auto times = of_all(runs, time);
  if (times) s.time_to_target = estimate(*times);
  for (size_t c = 0; c < s.spending.size(); ++c) {
    const auto spent = kCurrencies[c].spent;
    s.spending[c].whole = over(runs, [&](const RunLog& r) { return r.final.*spent; });
    const auto until = of_all(runs, [&](const RunLog& run) -> std::optional<double> {
      const auto target = target_for(summary, run.seed);
      const Evaluation* const reached = target ? at_target(run, *target) : nullptr;
      return reached && std::isfinite(reached->at.*spent) ? std::optional(reached->at.*spent) : std::nullopt;
    });
    if (until) s.spending[c].to_target = estimate(*until);
  }
  if (!baseline) return s;
  const auto theirs = of_all(runs, [&](const RunLog& run) {
    const RunLog* const other = with_seed(*baseline, run.seed);
    return other ? time(*other) : std::nullopt;
  });
  if (times && theirs) s.speed_up = paired_ratio(*theirs, *times);
  const auto differences = of_all(runs, [&](const RunLog& run) -> std::optional<double> {
    const RunLog* const other = with_seed(*baseline, run.seed);
    const double difference = other ? final_loss(run) - final_loss(*other) : kNaN;
    return std::isfinite(difference) ? std::optional(difference) : std::nullopt;
  });
  if (differences) s.loss_difference = estimate(*differences);
  if (baseline == &runs) {
    if (s.speed_up) s.speed_up->p.reset();
  } else if (differences) {
    s.loss_difference_p = paired_p(*differences);
  }
  return s;
}

std::string of_seeds(const std::string& what, int count, int seeds) {
  return count == seeds ? what : what + " (" + std::to_string(count) + " of " + std::to_string(seeds) + ")";
}

}  // namespace

std::string ending_text(const MethodSummary& m) {
  if (m.diverged) return of_seeds("diverged", m.diverged, m.seeds);
  if (m.above_guessing) return of_seeds("worse than guessing", m.above_guessing, m.seeds);
  return m.above_start ? of_seeds("worse than the start", m.above_start, m.seeds) : "";
}

std::vector<size_t> told_currencies(const std::vector<MethodSummary>& methods) {
  std::vector<size_t> told;
  for (size_t c = 0; c < std::size(kCurrencies); ++c)
    if (std::any_of(methods.begin(), methods.end(),
                    [&](const MethodSummary& m) { return m.seeds > 0 && std::isfinite(m.spending[c].whole.mean); }))
      told.push_back(c);
  return told;
}

Target target_or_usual(const std::optional<Target>& target, const std::string& baseline) {
  return target.value_or(baseline.empty() ? kCommonTarget : kBaselineTarget);
}

std::string baseline_among(const std::vector<RunLog>& runs, const std::string& baseline) {
  const bool any = std::any_of(runs.begin(), runs.end(), [&](const RunLog& run) { return run.method == baseline; });
  return any ? baseline : "";
}

std::vector<RunLog> comparable(std::vector<RunLog> runs, const std::string& baseline, const Target& target) {
  const std::vector<MethodRuns> methods = by_method(runs);
  const auto counts = [&](const RunLog& run) {
    return std::all_of(methods.begin(), methods.end(), [&](const MethodRuns& method) {
      const bool asked = target == kCommonTarget || method[0]->method == baseline;
      return !asked || with_seed(method, run.seed);
    });
  };
  std::vector<uint64_t> unequal;
  for (const RunLog& run : runs)
    if (!counts(run)) unequal.push_back(run.seed);
  std::erase_if(
      runs, [&](const RunLog& run) { return std::find(unequal.begin(), unequal.end(), run.seed) != unequal.end(); });
  return runs;
}

ComparisonSummary summarise(const std::string& name, const std::string& baseline, const std::vector<RunLog>& runs,
                            const std::optional<Target>& wanted) {
  const Target target = target_or_usual(wanted, baseline);
  const std::vector<MethodRuns> methods = by_method(runs);
  ComparisonSummary summary;
  summary.name = name;
  summary.baseline = baseline;
  summary.target = target;
  if (methods.empty()) return summary;
  const auto found =
      std::find_if(methods.begin(), methods.end(), [&](const MethodRuns& m) { return m[0]->method == baseline; });
  if (!baseline.empty() && found == methods.end())
    throw std::invalid_argument("the baseline \"" + baseline + "\" is none of the methods that were run");
  const MethodRuns* const base = baseline.empty() ? nullptr : &*found;

  for (const RunLog& run : runs)
    if (std::find(summary.seeds.begin(), summary.seeds.end(), run.seed) == summary.seeds.end()) {
      summary.seeds.push_back(run.seed);
      summary.target_loss.push_back(target_of(target, methods, base, run.seed));
    }
  for (const MethodRuns& method : methods) summary.methods.push_back(summarise_method(method, base, summary));
  summary.notes = ending_notes(methods);
  return summary;
}

ComparisonSummary summarise(const ExperimentConfig& experiment, const std::vector<RunLog>& runs) {
  return summarise(experiment.name, experiment.baseline.value_or(""), runs, experiment.target);
}

std::optional<double> target_for(const ComparisonSummary& summary, uint64_t seed) {
  for (size_t i = 0; i < summary.seeds.size(); ++i)
    if (summary.seeds[i] == seed && std::isfinite(summary.target_loss[i])) return summary.target_loss[i];
  return std::nullopt;
}

}  // namespace experiments
