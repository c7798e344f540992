#include "experiments/report/measures.h"

#include <algorithm>
#include <cmath>

#include "experiments/report/summary.h"

namespace experiments {
namespace {

struct Unit {
  std::string name;
  double size;
};

Unit time_unit(double longest_seconds) {
  if (longest_seconds > 3 * 86400) return {"days", 86400};
  if (longest_seconds > 2 * 3600) return {"hours", 3600};
  if (longest_seconds > 5 * 60) return {"minutes", 60};
  return {"seconds", 1};
}

Unit count_unit(double largest) {
  if (largest > 2e7) return {"millions", 1e6};
  if (largest > 2e4) return {"thousands", 1e3};
  return {"", 1};
}

Unit byte_unit(double largest) {
  if (largest > 2e12) return {"TB", 1e12};
  if (largest > 2e9) return {"GB", 1e9};
  return {"MB", 1e6};
}

std::string with_unit(const std::string& label, const Unit& unit) {
  return unit.name.empty() ? label : label + " (" + unit.name + ")";
}

/// The mean staleness of what was applied since the last evaluation, at each evaluation that has anything to tell.
std::vector<Sample> staleness_samples(const RunLog& run) {
  std::vector<Sample> samples;
  size_t next = 0;
  for (const Evaluation& e : run.evaluations) {
    double sum = 0;
    int64_t applied = 0;
    for (; next < run.updates.size() && run.updates[next].time <= e.at.time; ++next)
      if (!run.updates[next].dropped) {
        sum += static_cast<double>(run.updates[next].staleness_updates);
        ++applied;
      }
    if (applied > 0) samples.push_back({e.at, sum / static_cast<double>(applied)});
  }
  return samples;
}

std::vector<Sample> utilisation_samples(const RunLog& run) {
  // The instants of evaluation, each once, the last of its counters.
  std::vector<Counters> ends;
  for (const Evaluation& e : run.evaluations) {
    if (!ends.empty() && ends.back().time == e.at.time)
      ends.back() = e.at;
    else
      ends.push_back(e.at);
  }
  std::vector<double> computed(ends.size(), 0.0);
  for (const Span& span : run.spans) {
    if (span.activity != Activity::compute) continue;
    auto end = std::upper_bound(ends.begin(), ends.end(), span.begin,
                                [](sim::Time t, const Counters& c) { return t < c.time; });
    for (sim::Time from = span.begin; end != ends.end() && from < span.end; ++end) {
      const sim::Time to = std::min(span.end, end->time);
      computed[static_cast<size_t>(end - ends.begin())] += sim::to_seconds(to - from);
      from = to;
    }
  }
  std::vector<Sample> samples;
  for (size_t i = 1; i < ends.size(); ++i) {
    const double available = sim::to_seconds(ends[i].time - ends[i - 1].time) * static_cast<double>(run.workers.size());
    samples.push_back({ends[i], 100 * computed[i] / available});
  }
  return samples;
}

}  // namespace

double counter_value(CounterKind kind, const Counters& at) {
  switch (kind) {
    case CounterKind::time:
      return sim::to_seconds(at.time);
    case CounterKind::updates:
      return static_cast<double>(at.server_updates);
    case CounterKind::steps:
      return static_cast<double>(at.local_steps);
    case CounterKind::tokens:
      return static_cast<double>(at.tokens);
    case CounterKind::bytes:
      return static_cast<double>(at.bytes_up) + static_cast<double>(at.bytes_down);
    case CounterKind::usd:
      return at.usd;
    default:
      return at.kwh;
  }
}

CounterAxis counter_axis(CounterKind kind, double largest) {
  const Unit unit = kind == CounterKind::time    ? time_unit(largest)
                    : kind == CounterKind::bytes ? byte_unit(largest)
                                                 : count_unit(largest);
  const char* const labels[] = {"simulated wall-clock time",
                                "server updates",
                                "local steps, all workers",
                                "tokens",
                                "sent up and down, all workers",
                                "dollars",
                                "kWh"};
  return {with_unit(labels[static_cast<size_t>(kind)], unit),
          [kind, size = unit.size](const Counters& at) { return counter_value(kind, at) / size; }};
}

std::string measure_label(Measure measure) {
  const char* const labels[] = {
      "validation loss (nats per token)", "validation perplexity", "validation bits per byte",
      "staleness (server updates)",       "utilisation (percent)", "speed-up over the baseline",
      "time to target (seconds)",         "time to that loss"};
  return labels[static_cast<size_t>(measure)];
}

bool along(Measure measure) { return measure < Measure::speed_up; }

std::vector<Sample> samples_of(const RunLog& run, Measure measure) {
  if (measure == Measure::staleness) return staleness_samples(run);
  if (measure == Measure::utilisation) return utilisation_samples(run);
  std::vector<Sample> samples;
  for (const Evaluation& e : run.evaluations)
    samples.push_back({e.at, from_loss(measure, e.loss, run.bytes_per_token).value_or(NAN)});
  return samples;
}

std::optional<double> value_of(const RunLog& run, Measure measure, const std::optional<double>& target) {
  std::optional<double> value;
  if (measure == Measure::staleness)
    value = mean_staleness(run);
  else if (measure == Measure::utilisation)
    value = 100 * utilisation(run);
  else if (measure == Measure::time_to_target)
    value = target ? time_to_target(run, *target) : std::nullopt;
  else
    value = from_loss(measure, final_loss(run), run.bytes_per_token);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<double> from_loss(Measure measure, double loss, double bytes_per_token) {
  switch (measure) {
    case Measure::loss:
      return loss;
    case Measure::perplexity:
      return perplexity(loss);
    case Measure::bits_per_byte:
      return bits_per_byte(loss, bytes_per_token);
    default:
      return std::nullopt;
  }
}

}  // namespace experiments
