#include "sim/network/shared_links.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>

namespace sim {
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
  double demand = 0.0, weight = 0.0;
  for (const uint32_t s : resource.sites) {
    if (sites_[s].settled) continue;
    demand += sites_[s].flows.unlimited_demand();
    weight += sites_[s].flows.weight();
  }
  const double left = std::max(0.0, resource.left);
  if (weight == 0.0 || demand <= left) return kInfinity;
  const auto newton_step = [&](double level) {
    double fixed = 0.0, rising = 0.0;
    for (const uint32_t s : resource.sites) {
      if (sites_[s].settled) continue;
      const FlowSite::Demand d = sites_[s].flows.demand(level);
      fixed += d.fixed;
      rising += d.rising;
    }
    return rising > 0.0 ? (left - fixed) / rising : -1.0;
  };
  const double fair = left / weight;  // never above the root
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
    resource.left = resource.capacity.bytes_per_second;
    return set_level(component.sites.front(), water_level(resource));
  }
  for (const uint32_t s : component.sites) {
    sites_[s].settled = false;
    sites_[s].level = kInfinity;
  }
  for (const uint32_t r : component.resources) {
    resources_[r].settled = false;
    resources_[r].left = resources_[r].capacity.bytes_per_second;
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
      for (const uint32_t r : site.resources) resources_[r].left -= demand.fixed + demand.rising * lowest;
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

/// It flows no more, before its end. Its new generation.
uint32_t SharedLinks::withdraw(MessageId message, Place from, Time now) {
  any_cancelled_ = true;
  --flowing_;
  touch(sites_[from.site].component);
  const uint32_t generation = ++states_[static_cast<size_t>(message)].generation;
  sites_[from.site].flows.leave(from.lane, now);
  return generation;
}

/// Its route is its own. Whether its bytes flow now.
inline bool SharedLinks::go(FlowId id, Place to, uint64_t bytes, Time now) {
  if (sites_[to.site].gate != kNone) [[unlikely]]
    return take_turn({{now, id.message}, id, bytes, to}, now);
  flow(id, to, bytes, now);
  return true;
}

/// Its latency is over. Whether its bytes flow now.
bool SharedLinks::enter(FlowId id, Place to, uint64_t bytes, Time now) {
  const MessageId message = id.message;
  if (!queues_.enter(direction(to.site), {message, id, bytes, to})) {
    states_[static_cast<size_t>(message)] = {id.generation, Phase::queued};
    return false;
  }
  return go(id, to, bytes, now);
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
  const Phase phase = state.phase;
  state.phase = Phase::idle;
  any_cancelled_ = true;
  if (phase != Phase::flowing) ++state.generation;
  earliest_ = kUnknown;
  const auto stale = [this](const Waiting& e) {
    return states_[static_cast<size_t>(e.flow.message)].generation != e.flow.generation;
  };
  if (phase == Phase::waiting) {
    ++stale_waiting_;
    for (; stale_waiting_ > 0 && stale(waiting_.front()); --stale_waiting_) waiting_.pop();
    if (2 * stale_waiting_ > waiting_.size() + 64) {
      waiting_.remove_if(stale);
      stale_waiting_ = 0;
    }
    return;
  }
  const Queued* next = queues_.leave(transfer.route.direction(), transfer.message);
  const Place from = way(transfer.route).to;
  Gate* const gate = sites_[from.site].gate == kNone ? nullptr : &gates_[sites_[from.site].gate];
  if (phase == Phase::flowing) {
    withdraw(transfer.message, from, now);
    if (gate) next_turn(*gate, now);
  } else if (phase == Phase::in_line) {
    leave_line(*gate);
  }
  if (next) go(next->flow, next->to, next->bytes, now);
}

void SharedLinks::change_capacities(Time now) {
  capacities_change_ = Time::max();
  for (Resource& resource : resources_) {
    if (resource.capacity.changes <= now) {
      resource.capacity.change(now);
      touch(sites_[resource.sites.front()].component);
    }
    capacities_change_ = std::min(capacities_change_, resource.capacity.changes);
  }
  for (OwnTrace& own : own_traces_) {
    if (own.changes <= now) {
      const CapacityTrace::Segment segment = own.trace->at(now);
      sites_[own.to.site].flows.change_cap(own.to.lane, segment.bytes_per_second / own.weight, now);
      own.changes = segment.end;
      touch(sites_[own.to.site].component);
    }
    capacities_change_ = std::min(capacities_change_, own.changes);
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
      if (site.gate != kNone && ended_.size() > first) [[unlikely]]
        next_turn(gates_[site.gate], now);
      for (size_t i = first; numbers_.several() && i < ended_.size(); ++i)
        if (const Queued* next = queues_.leave(direction(s), ended_[i])) go(next->flow, next->to, next->bytes, now);
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
  if (!sites_[own.to.site].resources.empty() || workers_[route.child()].link.trace(route.direction()))
    return std::nullopt;
  return link_duration(own.link, bytes, route.child());
}

double SharedLinks::rate(const Transfer& transfer) const {
  if (states_[static_cast<size_t>(transfer.message)].phase != Phase::flowing) return 0.0;
  refresh();
  const Way& own = way(transfer.route);
  return sites_[own.to.site].flows.rate(own.to.lane);
}

}  // namespace sim
