#include "experiments/run/region_paths.h"

#include <algorithm>

#include "experiments/config/regions.h"

namespace experiments {
namespace {

using sim::RegionPathConfig;
using sim::RegionPathsConfig;

void lay(const RegionPathConfig& path, bool round_trip, LinkConfig& link) {
  link.latency_seconds += path.latency_seconds / (round_trip ? 2 : 1);
  if (path.usd_per_gb) link.capacity.usd_per_gb = link.capacity.usd_per_gb.value_or(0.0) + *path.usd_per_gb;
  std::optional<double>& own = link.capacity.bytes_per_second;
  if (path.bytes_per_second) own = own ? std::min(*own, *path.bytes_per_second) : *path.bytes_per_second;
}

RegionPathConfig path(const RegionPathsConfig& c, const std::string& from, const std::string& to) {
  const RegionPathConfig* const found = path_between(c, from, to);
  return found ? *found : RegionPathConfig{from, to, 0.0, {}, {}};
}

/// The slower in each respect of a way that one worker takes and one that `others` take, at their mean price.
RegionPathConfig slower(RegionPathConfig a, const RegionPathConfig& b, int64_t others) {
  a.latency_seconds = std::max(a.latency_seconds, b.latency_seconds);
  if (a.usd_per_gb || b.usd_per_gb)
    a.usd_per_gb = (a.usd_per_gb.value_or(0.0) + static_cast<double>(others) * b.usd_per_gb.value_or(0.0)) /
                   static_cast<double>(others + 1);
  if (b.bytes_per_second)
    a.bytes_per_second = std::min(*b.bytes_per_second, a.bytes_per_second.value_or(*b.bytes_per_second));
  return a;
}

void lay_paths(RunConfig& run, const sim::ServerPathsConfig& c) {
  for (WorkerConfig& worker : run.workers) {
    lay(path(c, *worker.region, *c.server_region), c.round_trip, worker.upload);
    lay(path(c, *c.server_region, *worker.region), c.round_trip, worker.download);
  }
}

void lay_paths(RunConfig& run, const sim::RingNetworkConfig& c) {
  for (size_t i = 0; i < run.workers.size(); ++i) {
    WorkerConfig& worker = run.workers[i];
    RegionPathConfig hop = path(c, *worker.region, *run.workers[(i + 1) % run.workers.size()].region);
    if (worker.count > 1) hop = slower(hop, path(c, *worker.region, *worker.region), worker.count - 1);
    lay(hop, c.round_trip, worker.upload);
  }
}

void lay_paths(RunConfig&, const SharedNetworkConfig&) {}

}  // namespace

RunConfig with_paths_in_links(const RunConfig& given) {
  RunConfig run = given;
  if (RegionPathsConfig* const paths = paths_of(run.network); paths && !paths->paths.empty()) {
    std::visit([&](const auto& network) { lay_paths(run, network); }, given.network);
    paths->paths.clear();
  }
  return run;
}

}  // namespace experiments
