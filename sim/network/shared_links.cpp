#include "sim/network/shared_links.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace sim {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double cap_of(const LinkSpec& link) { return link.bytes_per_second > 0.0 ? link.bytes_per_second : kInfinity; }

}  // namespace

// --- the topology ---

SharedLinks::SharedLinks(const SharedLink& server, const std::vector<SharedLink>& regions,
                         PerWorker<WorkerAccess> workers, size_t worker_count, MessageNumbers numbers)
    : workers_(std::move(workers)),
      numbers_(numbers),
      queues_(numbers, worker_count),
      states_(worker_count * static_cast<size_t>(numbers.fragments)) {
  const auto& kinds = workers_.values();
  for (size_t i = 0; i < kinds.size(); ++i) {
    check_link(kinds[i].link.download, "download link of " + workers_.name(i));
    check_link(kinds[i].link.upload, "upload link of " + workers_.name(i));
    if (kinds[i].region < WorkerAccess::kWithin || kinds[i].region >= static_cast<int>(regions.size()))
      throw std::invalid_argument("region " + std::to_string(kinds[i].region) + " of " + workers_.name(i) +
                                  " does not exist; there are " + std::to_string(regions.size()));
  }
  make_sites(server, regions);
  make_components();
  const auto way = [&](const WorkerAccess& kind, Direction direction) -> Way {
    const size_t site = site_of(kind.region, direction);
    const LinkSpec& link = kind.link.of(direction);
    return {{static_cast<uint32_t>(site), static_cast<uint32_t>(sites_[site].flows.lane(cap_of(link)))}, link};
  };
  ways_.reserve(kinds.size());
  for (const WorkerAccess& kind : kinds)
    ways_.push_back({way(kind, Direction::download), way(kind, Direction::upload)});
  change_capacities(kTimeZero);
}

uint32_t SharedLinks::add_resource(const SharedCapacity& capacity, const std::string& place) {
  if (!(capacity.bytes_per_second >= 0.0) || !std::isfinite(capacity.bytes_per_second))
    throw std::invalid_argument(place + ": capacity " + std::to_string(capacity.bytes_per_second) +
                                " bytes/s is not allowed; positive and finite, or 0 for unlimited");
  if (!capacity.trace && capacity.bytes_per_second == 0.0) return kNone;
  Resource resource;
  resource.capacity = capacity.bytes_per_second;
  resource.trace = capacity.trace;
  if (resource.trace) resource.changes = kTimeZero;
  resources_.push_back(std::move(resource));
  return static_cast<uint32_t>(resources_.size() - 1);
}

uint32_t SharedLinks::add_link(const SharedLink& link, Direction direction) {
  const bool up = direction == Direction::upload;
  return add_resource(up ? link.up : link.down, link.name + (link.half_duplex ? "" : up ? ", up" : ", down"));
}

void SharedLinks::make_sites(const SharedLink& server, const std::vector<SharedLink>& regions) {
  std::vector<std::vector<double>> caps(site_of(static_cast<int>(regions.size()), Direction::download));
  for (const WorkerAccess& kind : workers_.values())
    for (const Direction direction : {Direction::download, Direction::upload})
      caps[site_of(kind.region, direction)].push_back(cap_of(kind.link.of(direction)));
  for (auto& site_caps : caps) {
    if (site_caps.empty()) site_caps.push_back(kInfinity);  // a region that nobody lives in
    std::sort(site_caps.begin(), site_caps.end());
    site_caps.erase(std::unique(site_caps.begin(), site_caps.end()), site_caps.end());
    sites_.push_back({.flows = FlowSite(std::move(site_caps), states_), .resources = {}});
  }
  const auto connect = [&](const SharedLink& link, const std::vector<int>& members) {
    uint32_t both = kNone;
    for (const Direction direction : {Direction::upload, Direction::download}) {
      const bool second = link.half_duplex && direction == Direction::download;
      const uint32_t resource = second ? both : add_link(link, direction);
      if (!second) both = resource;
      if (resource == kNone) continue;
      for (const int region : members) {
        const size_t site = site_of(region, direction);
        resources_[resource].sites.push_back(static_cast<uint32_t>(site));
        sites_[site].resources.push_back(resource);
      }
    }
  };
  site_ends_.assign(sites_.size(), Time::max());
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

// --- max-min fair rates ---

/// The level at which the flows not yet settled fill what is left of the link; +∞ if they cannot. Their demand
/// D(λ) = fixed(λ) + rising(λ) · λ is concave and piecewise linear, so a Newton step never lands above the root, from
/// wherever it starts, and the steps after it rise to the root in finitely many pieces.
double SharedLinks::water_level(Resource& resource) const {
  if (resource.sites.size() == 1) {
    const Site& site = sites_[resource.sites.front()];
    const double level =
        site.settled ? kInfinity : site.flows.filling_level(std::max(0.0, resource.left), resource.level);
    if (level != kInfinity) resource.level = level;
    return level;
  }
  double demand = 0.0;
  int64_t flows = 0;
  for (const uint32_t s : resource.sites) {
    if (sites_[s].settled) continue;
    demand += sites_[s].flows.unlimited_demand();
    flows += sites_[s].flows.flows();
  }
  const double left = std::max(0.0, resource.left);
  if (flows == 0 || demand <= left) return kInfinity;
  const auto newton_step = [&](double level) {
    double fixed = 0.0;
    int64_t rising = 0;
    for (const uint32_t s : resource.sites) {
      if (sites_[s].settled) continue;
      const FlowSite::Demand d = sites_[s].flows.demand(level);
      fixed += d.fixed;
      rising += d.rising;
    }
    return rising > 0 ? (left - fixed) / static_cast<double>(rising) : -1.0;
  };
  const double fair = left / static_cast<double>(flows);  // never above the root
  double level = std::max(fair, newton_step(resource.level));
  for (double next = newton_step(level); next > level; next = newton_step(level)) level = next;
  return resource.level = level;
}

void SharedLinks::set_level(uint32_t site, double level) const {
  sites_[site].flows.set_level(level, now_);
  site_ends_[site] = sites_[site].flows.next_end();
  if (const MessageId soon = sites_[site].flows.soon(); soon >= 0 && soon != soon_) fetch(soon_ = soon);
}

/// Progressive filling, whole links at a time: the link that fills at the lowest level settles the rates of all its
/// flows; what they take elsewhere is taken off there, and so on.
void SharedLinks::solve(Component& component) const {
  component.dirty = false;
  if (component.sites.size() == 1 && component.resources.size() == 1) {  // nothing to settle in turn
    Resource& resource = resources_[component.resources.front()];
    resource.left = resource.capacity;
    return set_level(component.sites.front(), water_level(resource));
  }
  for (const uint32_t s : component.sites) {
    sites_[s].settled = false;
    sites_[s].level = kInfinity;
  }
  for (const uint32_t r : component.resources) {
    resources_[r].settled = false;
    resources_[r].left = resources_[r].capacity;
  }
  for (;;) {
    double lowest = kInfinity;
    uint32_t which = kNone;
    for (const uint32_t r : component.resources) {
      if (resources_[r].settled) continue;
      const double level = water_level(resources_[r]);
      if (level == kInfinity || level >= lowest) continue;
      lowest = level;
      which = r;
    }
    if (which == kNone) break;
    resources_[which].settled = true;
    if (component.resources.size() == 1) {
      for (const uint32_t s : component.sites) sites_[s].level = lowest;
      break;
    }
    for (const uint32_t s : resources_[which].sites) {
      Site& site = sites_[s];
      if (site.settled) continue;
      site.settled = true;
      site.level = lowest;
      const FlowSite::Demand demand = site.flows.demand(lowest);
      for (const uint32_t r : site.resources)
        resources_[r].left -= demand.fixed + static_cast<double>(demand.rising) * lowest;
    }
  }
  for (const uint32_t s : component.sites) set_level(s, sites_[s].level);
}

void SharedLinks::refresh() const {
  for (const uint32_t c : dirty_) solve(components_[c]);
  dirty_.clear();
}

// --- flows ---

/// The rates there are about to change.
void SharedLinks::touch(uint32_t c) const {
  if (!components_[c].dirty) dirty_.push_back(c);
  components_[c].dirty = true;
  earliest_ = kUnknown;
}

void SharedLinks::flow(FlowId flow, Place to, uint64_t bytes, Time now) {
  states_[static_cast<size_t>(flow.message)] = {flow.generation, Phase::flowing};
  ++flowing_;
  Site& site = sites_[to.site];
  touch(site.component);
  site.flows.enter(to.lane, flow, static_cast<double>(bytes), now);
}

/// Its latency is over. Whether its bytes flow now.
bool SharedLinks::enter(FlowId id, Place to, uint64_t bytes, Time now) {
  const MessageId message = id.message;
  if (!queues_.enter(direction(to.site), {message, id, bytes, to})) {
    states_[static_cast<size_t>(message)] = {id.generation, Phase::queued};
    return false;
  }
  flow(id, to, bytes, now);
  return true;
}

void SharedLinks::start(const Transfer& transfer, uint64_t bytes, Time now) {
  assert(now >= now_);
  const auto m = static_cast<size_t>(transfer.message);
  assert(states_[m].phase == Phase::idle);
  const Way& own = way(transfer.route);
  check_duration(own.link, bytes, transfer.route.child());
  if (now > now_) refresh();  // the rates that held until now
  now_ = now;
  if (now >= capacities_change_) change_capacities(now);
  // Among a million workers a look at one's state is a wait for memory; writing it is not.
  const FlowId id{transfer.message, any_cancelled_ ? states_[m].generation : 0};
  earliest_ = kUnknown;
  if (own.link.latency == Duration::zero()) {
    enter(id, own.to, bytes, now);
    return;
  }
  states_[m] = {id.generation, Phase::waiting};
  waiting_.push({advance(now, own.link.latency).time_since_epoch().count(), id, bytes, own.to});
}

void SharedLinks::cancel(const Transfer& transfer, Time now) {
  assert(now >= now_);
  if (now > now_) refresh();
  now_ = now;
  FlowState& state = states_[static_cast<size_t>(transfer.message)];
  assert(state.phase != Phase::idle);
  ++state.generation;
  any_cancelled_ = true;
  earliest_ = kUnknown;
  const auto stale = [this](const Waiting& e) {
    return states_[static_cast<size_t>(e.flow.message)].generation != e.flow.generation;
  };
  const Queued* next = nullptr;
  if (state.phase >= Phase::queued) next = queues_.leave(transfer.route.direction(), transfer.message);
  if (state.phase == Phase::flowing) {
    --flowing_;
    const Place gone_from = way(transfer.route).to;
    touch(sites_[gone_from.site].component);
    sites_[gone_from.site].flows.leave(gone_from.lane, now);
    if (next) flow(next->flow, next->to, next->bytes, now);
  } else if (state.phase == Phase::waiting) {
    ++stale_waiting_;
    for (; stale_waiting_ > 0 && stale(waiting_.front()); --stale_waiting_) waiting_.pop();
    if (2 * stale_waiting_ > waiting_.size() + 64) {
      waiting_.remove_if(stale);
      stale_waiting_ = 0;
    }
  }
  state.phase = Phase::idle;
}

void SharedLinks::change_capacities(Time now) {
  capacities_change_ = Time::max();
  for (Resource& resource : resources_) {
    if (resource.changes <= now) {
      const CapacityTrace::Segment segment = resource.trace->at(now);
      resource.capacity = segment.bytes_per_second;
      resource.changes = segment.end;
      touch(sites_[resource.sites.front()].component);
    }
    capacities_change_ = std::min(capacities_change_, resource.changes);
  }
}

/// The next instant at which anything happens here, Time::max() if never.
Time SharedLinks::earliest() const {
  if (earliest_ != kUnknown) return earliest_;
  refresh();
  Time first = Time::max();
  for (const Time end : site_ends_) first = std::min(first, end);
  if (!waiting_.empty()) first = std::min(first, Time(Duration(waiting_.front().key)));
  if (flowing_ > 0) first = std::min(first, capacities_change_);
  earliest_ = first;
  return first;
}

void SharedLinks::throw_endless() const {
  throw std::overflow_error("the transfers under way (" + std::to_string(flowing_) +
                            ") would take longer than 146 simulated years on the shared links");
}

Time SharedLinks::next_end() const {
  if (flowing_ == 0 && waiting_.empty()) return Time::max();
  if (earliest() == Time::max()) throw_endless();
  return earliest_;
}

std::span<const MessageId> SharedLinks::finish(Time now) {
  assert(now >= now_);
  ended_.clear();
  if (flowing_ + waiting_.size() == 0) return ended_;
  // Once more where a flow may begin and end at this very instant. Not otherwise: solving again is for when the owner
  // has started what follows.
  for (bool again = true; again && earliest() <= now;) {
    assert(earliest() == now);
    again = false;
    now_ = now;
    if (capacities_change_ <= now) change_capacities(now);
    const size_t before = ended_.size();
    for (size_t s = 0; s < sites_.size(); ++s) {
      if (site_ends_[s] > now) continue;
      Site& site = sites_[s];
      const size_t first = ended_.size();
      site.flows.take_ended(now, ended_);
      touch(site.component);
      for (size_t i = first; i < ended_.size(); ++i) states_[static_cast<size_t>(ended_[i])].phase = Phase::idle;
      for (size_t i = first; numbers_.several() && i < ended_.size(); ++i)
        if (const Queued* next = queues_.leave(direction(s), ended_[i])) flow(next->flow, next->to, next->bytes, now);
    }
    flowing_ -= ended_.size() - before;
    earliest_ = kUnknown;
    while (!waiting_.empty() && waiting_.front().key <= now.time_since_epoch().count()) {
      const Waiting ready = waiting_.front();
      waiting_.pop();
      if (const Waiting* soon = waiting_.soon()) {
        __builtin_prefetch(&states_[static_cast<size_t>(soon->flow.message)], 1);
        sites_[soon->to.site].flows.fetch(soon->to.lane);
      }
      if (stale_waiting_ > 0 && states_[static_cast<size_t>(ready.flow.message)].generation != ready.flow.generation) {
        --stale_waiting_;
        continue;
      }
      if (enter(ready.flow, ready.to, ready.bytes, now))
        again = again || ready.bytes == 0 || sites_[ready.to.site].flows.unlimited(ready.to.lane);
    }
  }
  if (ended_.size() > 1) std::sort(ended_.begin(), ended_.end());
  return ended_;
}

std::optional<Duration> SharedLinks::fixed_duration(Route route, uint64_t bytes) const {
  const Way& own = way(route);
  if (!sites_[own.to.site].resources.empty()) return std::nullopt;
  return link_duration(own.link, bytes, route.child());
}

double SharedLinks::rate(const Transfer& transfer) const {
  if (states_[static_cast<size_t>(transfer.message)].phase != Phase::flowing) return 0.0;
  refresh();
  const Way& own = way(transfer.route);
  return std::min(cap_of(own.link), sites_[own.to.site].flows.level());
}

}  // namespace sim
