#include <algorithm>

#include "sim/network/shared_links.h"

namespace sim {

SharedLinks::SharedLinks(const SharedLink& server, const std::vector<SharedLink>& regions,
                         PerWorker<WorkerAccess> workers, size_t worker_count, MessageNumbers numbers)
    : workers_(std::move(workers)),
      numbers_(numbers),
      queues_(numbers, worker_count),
      states_(worker_count * static_cast<size_t>(numbers.fragments)) {
  check_sharing({server}, regions, workers_);
  make_sites(regions, rtt_weighted({server}) || rtt_weighted(regions));
  connect(server, regions);
  make_components();
  change_capacities(kTimeZero);
}

/// The sites and their lanes, and on which of them each kind of worker's transfers go.
void SharedLinks::make_sites(const std::vector<SharedLink>& regions, bool weighted) {
  const auto& kinds = workers_.values();
  const auto flow_kind = [&](size_t i, Direction direction) -> FlowKind {
    const double weight = weight_of(kinds[i], weighted);
    if (const CapacityTrace* trace = kinds[i].link.trace(direction))
      return {trace->points().front().bytes_per_second / weight, weight, static_cast<uint32_t>(i + 1)};
    return {cap_of(kinds[i].link.of(direction)) / weight, weight};
  };
  std::vector<std::vector<FlowKind>> lanes(site_of(static_cast<int>(regions.size()), Direction::download));
  for (size_t i = 0; i < kinds.size(); ++i)
    for (const Direction direction : {Direction::download, Direction::upload}) {
      auto& here = lanes[site_of(kinds[i].region, direction)];
      FlowKind kind = flow_kind(i, direction);
      here.push_back(kind);
      if (const CapacityTrace* trace = kinds[i].link.trace(direction))
        for (const CapacityTrace::Point& point : trace->points()) {
          kind.cap = point.bytes_per_second / kind.weight;
          here.push_back(kind);
        }
    }
  for (auto& here : lanes) {
    if (here.empty()) here.push_back({kInfinity});  // a region that nobody lives in
    std::sort(here.begin(), here.end());
    here.erase(std::unique(here.begin(), here.end()), here.end());
    sites_.push_back({.flows = FlowSite(here, states_), .resources = {}});
  }
  site_ends_.assign(sites_.size(), Time::max());
  const auto way = [&](size_t i, Direction direction) -> Way {
    const size_t site = site_of(kinds[i].region, direction);
    const FlowKind kind = flow_kind(i, direction);
    const Place to{static_cast<uint32_t>(site), static_cast<uint32_t>(sites_[site].flows.lane(kind))};
    if (const CapacityTrace* trace = kinds[i].link.trace(direction))
      own_traces_.push_back({.to = to, .trace = trace, .weight = kind.weight});
    return {to, kinds[i].link.of(direction)};
  };
  ways_.reserve(kinds.size());
  for (size_t i = 0; i < kinds.size(); ++i) ways_.push_back({way(i, Direction::download), way(i, Direction::upload)});
}

void SharedLinks::connect(const SharedLink& server, const std::vector<SharedLink>& regions) {
  const auto add = [&](const SharedLink& link, Direction direction) {
    auto capacity = Capacity::of(link, direction);
    if (!capacity) return kNone;
    resources_.push_back({.capacity = *std::move(capacity), .sites = {}});
    if (link.sharing == Sharing::fifo) gates_.emplace_back();
    return static_cast<uint32_t>(resources_.size() - 1);
  };
  const auto connect = [&](const SharedLink& link, const std::vector<int>& members) {
    uint32_t resource = kNone;
    for (const Direction direction : {Direction::upload, Direction::download}) {
      if (direction == Direction::upload || !link.half_duplex) resource = add(link, direction);
      if (resource == kNone) continue;
      for (const int region : members) {
        const size_t site = site_of(region, direction);
        resources_[resource].sites.push_back(static_cast<uint32_t>(site));
        sites_[site].resources.push_back(resource);
        if (link.sharing == Sharing::fifo) sites_[site].gate = static_cast<uint32_t>(gates_.size() - 1);
      }
    }
  };
  std::vector<int> everyone{-1};
  for (size_t r = 0; r < regions.size(); ++r) {
    connect(regions[r], {static_cast<int>(r)});
    everyone.push_back(static_cast<int>(r));
  }
  connect(server, everyone);
}

void SharedLinks::make_components() {
  std::vector<bool> seen(sites_.size()), taken(resources_.size());
  for (uint32_t first = 0; first < sites_.size(); ++first) {
    if (seen[first]) continue;
    Component component;
    std::vector<uint32_t> open{first};
    seen[first] = true;
    while (!open.empty()) {
      const uint32_t site = open.back();
      open.pop_back();
      sites_[site].component = static_cast<uint32_t>(components_.size());
      component.sites.push_back(site);
      for (const uint32_t resource : sites_[site].resources) {
        if (taken[resource]) continue;
        taken[resource] = true;
        component.resources.push_back(resource);
        for (const uint32_t other : resources_[resource].sites) {
          if (seen[other]) continue;
          seen[other] = true;
          open.push_back(other);
        }
      }
    }
    std::sort(component.sites.begin(), component.sites.end());
    std::sort(component.resources.begin(), component.resources.end());
    components_.push_back(std::move(component));
  }
}

}  // namespace sim
