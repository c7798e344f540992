#include "experiments/run/what_if.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "experiments/config/inputs.h"
#include "experiments/run/build_workers.h"
#include "experiments/run/region_paths.h"
#include "experiments/run/worker_names.h"

namespace experiments {
namespace {

using sim::NodeId;

/// Steps a second in the long run, by worker.
std::vector<double> speeds_of(const RunConfig& run) { return known_speeds(run, build_workers(run, 0)); }

/// Of at least one.
double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// But for rounding.
bool same(double speed, double typical) { return std::fabs(speed / typical - 1) < 1e-12; }

std::vector<double> without(std::vector<double> values, NodeId worker) {
  values.erase(values.begin() + worker);
  return values;
}

/// Gives each worker an entry of its own, the same worker as before.
void take_apart(RunConfig& run) {
  std::vector<WorkerConfig> each;
  each.reserve(static_cast<size_t>(run.worker_count()));
  for (const WorkerConfig& entry : run.workers)
    for (int64_t i = 0; i < entry.count; ++i) {
      WorkerConfig& worker = each.emplace_back(entry);
      worker.count = 1;
      if (entry.profile) worker.profile = sim::OneSlowProfile{sim::seconds_factor(*entry.profile, i, entry.count)};
    }
  run.workers = std::move(each);
}

/// A step takes `factor` times as long, whatever kind of speed it is. Precondition: the entry is of one worker.
void slow_down(WorkerConfig& worker, double factor) {
  worker.profile = sim::OneSlowProfile{(worker.profile ? sim::seconds_factor(*worker.profile, 0, 1) : 1.0) * factor};
}

double bandwidth(const LinkConfig& link, double bytes = 1) {
  return link.capacity.rate(bytes).value_or(std::numeric_limits<double>::infinity());
}

using Link = LinkConfig WorkerConfig::*;
constexpr Link kLinks[] = {&WorkerConfig::download, &WorkerConfig::upload};

/// value(link) of that link of every worker.
template <class Value>
std::vector<double> of_links(const RunConfig& run, Link link, Value value) {
  std::vector<double> all;
  for (const WorkerConfig& worker : run.workers)
    all.insert(all.end(), static_cast<size_t>(worker.count), value(worker.*link));
  return all;
}

bool any_link(const RunConfig& run, bool (*has)(const LinkConfig&)) {
  return std::any_of(run.workers.begin(), run.workers.end(),
                     [&](const WorkerConfig& worker) { return has(worker.download) || has(worker.upload); });
}

/// Whether a link is shared by round-trip times, which needs latencies.
bool weighs_latencies(const RunConfig& run) {
  const auto* shared = std::get_if<SharedNetworkConfig>(&run.network);
  const auto weighs = [](const auto& link) { return link.sharing == sim::Sharing::rtt_weighted; };
  return shared && (weighs(*shared) || std::any_of(shared->regions.begin(), shared->regions.end(), weighs));
}

}  // namespace

std::optional<RunConfig> with_equal_speeds(const RunConfig& run) {
  const std::vector<double> speeds = speeds_of(run);
  const double typical = median(speeds);
  if (std::all_of(speeds.begin(), speeds.end(), [&](double speed) { return same(speed, typical); }))
    return std::nullopt;
  RunConfig other = run;
  take_apart(other);
  for (size_t w = 0; w < speeds.size(); ++w)
    if (!same(speeds[w], typical)) slow_down(other.workers[w], speeds[w] / typical);
  return other;
}

std::optional<RunConfig> with_median_speed(const RunConfig& run, NodeId worker) {
  const std::vector<double> speeds = speeds_of(run);
  if (speeds.size() < 2) return std::nullopt;
  const double own = speeds[static_cast<size_t>(worker)], typical = median(without(speeds, worker));
  if (same(own, typical)) return std::nullopt;
  RunConfig other = run;
  take_apart(other);
  slow_down(other.workers[static_cast<size_t>(worker)], own / typical);
  return other;
}

std::optional<RunConfig> with_median_link(const RunConfig& run, NodeId worker) {
  const auto varies = [](const LinkConfig& link) { return link.capacity.trace || !link.capacity.rates.empty(); };
  if (run.worker_count() < 2 || any_link(run, varies)) return std::nullopt;
  RunConfig other = run;
  take_apart(other);
  bool otherwise = false;
  for (const Link link : kLinks) {
    LinkConfig& own = other.workers[static_cast<size_t>(worker)].*link;
    const LinkConfig before = own;
    own.latency_seconds =
        median(without(of_links(run, link, [](const LinkConfig& l) { return l.latency_seconds; }), worker));
    const double typical =
        median(without(of_links(run, link, [](const LinkConfig& l) { return bandwidth(l); }), worker));
    own.capacity.bytes_per_second =
        typical < std::numeric_limits<double>::infinity() ? std::optional(typical) : std::nullopt;
    otherwise = otherwise || own.latency_seconds != before.latency_seconds ||
                own.capacity.bytes_per_second != before.capacity.bytes_per_second;
  }
  const WorkerConfig& changed = other.workers[static_cast<size_t>(worker)];
  if (weighs_latencies(run) && changed.download.latency_seconds + changed.upload.latency_seconds == 0)
    return std::nullopt;
  return otherwise ? std::optional(other) : std::nullopt;
}

std::optional<RunConfig> with_bandwidth(const RunConfig& run, double factor) {
  RunConfig other = run;
  bool otherwise = false;
  const auto scale = [&](std::optional<double>& bytes_per_second) {
    if (!bytes_per_second) return;
    *bytes_per_second *= factor;
    otherwise = true;
  };
  for_each_capacity(other, [&](const std::string&, CapacityConfig& capacity) {
    scale(capacity.bytes_per_second);
    for (sim::RatePoint& point : capacity.rates) point.bytes_per_second *= factor;
    otherwise = otherwise || !capacity.rates.empty();
  });
  return otherwise ? std::optional(other) : std::nullopt;
}

std::optional<RunConfig> without_latency(const RunConfig& run) {
  if (weighs_latencies(run) || !any_link(run, [](const LinkConfig& link) { return link.latency_seconds > 0; }))
    return std::nullopt;
  RunConfig other = run;
  for (WorkerConfig& worker : other.workers)
    for (const Link link : kLinks) (worker.*link).latency_seconds = 0;
  return other;
}

std::optional<RunConfig> without_failures(const RunConfig& run) {
  RunConfig other = run;
  bool otherwise = run.availability_trace.has_value();
  other.availability_trace.reset();
  for (WorkerConfig& worker : other.workers) {
    otherwise = otherwise || !std::holds_alternative<AlwaysUp>(worker.availability) || worker.dropout > 0 ||
                worker.slow_spells || worker.failures;
    worker.availability = AlwaysUp{};
    worker.dropout = 0;
    worker.slow_spells.reset();
    worker.failures.reset();
  }
  return otherwise ? std::optional(other) : std::nullopt;
}

std::optional<RunConfig> without_worker(const RunConfig& run, NodeId worker) {
  if (run.worker_count() < 2 || run.availability_trace) return std::nullopt;
  RunConfig other = run;
  take_apart(other);
  other.workers.erase(other.workers.begin() + worker);
  const int64_t left = other.worker_count();
  if (auto* quorum = std::get_if<QuorumConfig>(&other.policy)) quorum->workers = std::min(quorum->workers, left);
  if (auto* pull = std::get_if<sim::PullConfig>(&other.policy)) pull->quorum = std::min(pull->quorum, left);
  return other;
}

NodeId slowest_worker(const RunConfig& run) {
  const std::vector<double> speeds = speeds_of(run);
  return static_cast<NodeId>(std::min_element(speeds.begin(), speeds.end()) - speeds.begin());
}

NodeId slowest_link(const RunConfig& run) {
  const auto bytes = static_cast<double>(transfer_bytes(run));
  std::vector<double> seconds(static_cast<size_t>(run.worker_count()));
  for (const Link link : kLinks) {
    const std::vector<double> one =
        of_links(run, link, [&](const LinkConfig& l) { return l.latency_seconds + bytes / bandwidth(l, bytes); });
    for (size_t w = 0; w < seconds.size(); ++w) seconds[w] += one[w];
  }
  return static_cast<NodeId>(std::max_element(seconds.begin(), seconds.end()) - seconds.begin());
}

std::vector<WhatIf> what_ifs(const RunConfig& given) {
  const RunConfig run = with_paths_in_links(given);
  std::vector<WhatIf> all;
  const auto add = [&](const std::string& change, std::optional<RunConfig> other) {
    if (other) all.push_back({change, std::move(*other)});
  };
  const NodeId slowest = slowest_worker(run), link = slowest_link(run);
  const WorkerNames names = worker_names(run);
  bool traced = false;
  for_each_capacity(run,
                    [&](const std::string&, const CapacityConfig& capacity) { traced |= capacity.trace.has_value(); });
  add("equal speeds, the median", with_equal_speeds(run));
  add(names.of(slowest) + " at the others' median speed", with_median_speed(run, slowest));
  add(names.of(link) + " with the others' median link", with_median_link(run, link));
  add(traced ? "twice the bandwidth, but of traces" : "twice the bandwidth", with_bandwidth(run, 2));
  add("no latency", without_latency(run));
  add("no failures", without_failures(run));
  add("without " + names.of(slowest), without_worker(run, slowest));
  return all;
}

}  // namespace experiments
