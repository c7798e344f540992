#include "sim/network/sharded_servers.h"

#include <algorithm>
#include <cassert>
#include <queue>
#include <stdexcept>

namespace sim {

ShardedServers::ShardedServers(const std::vector<SharedLink>& servers, const std::vector<SharedLink>& regions,
                               PerWorker<WorkerAccess> workers, size_t nodes, MessageNumbers numbers)
    : workers_(std::move(workers)),
      numbers_(numbers),
      weighted_(rtt_weighted(servers) || rtt_weighted(regions)),
      queues_(numbers, nodes),
      own_(2 * nodes, kNone),
      messages_(nodes * static_cast<size_t>(numbers.fragments)) {
  if (servers.empty()) throw std::invalid_argument("a sharded parameter server needs at least 1 server");
  check_sharing(servers, regions, workers_);
  for (const auto* links : {&servers, &regions})
    for (const SharedLink& link : *links) {
      if (link.sharing == Sharing::fifo)
        throw std::invalid_argument(link.name + ": serves one message after another, of which each is in parts here");
      (links == &servers ? servers_ : regions_).push_back(add_links(link));
    }
  for (size_t i = 0; i < own_.size(); ++i) {
    const PrivateLink& link = workers_[static_cast<NodeId>(i / 2)].link;
    const Direction direction = i % 2 == 0 ? Direction::download : Direction::upload;
    SharedCapacity capacity{link.of(direction).bytes_per_second, {}};
    if (const CapacityTrace* trace = link.trace(direction)) capacity.trace = *trace;
    own_[i] = add_link(Capacity::of(capacity, "own link"));
  }
  change_capacities();
}

uint32_t ShardedServers::add_link(std::optional<Capacity> capacity) {
  if (!capacity) return kNone;
  links_.push_back({.capacity = *std::move(capacity), .parts = {}});
  return static_cast<uint32_t>(links_.size() - 1);
}

std::vector<uint32_t> ShardedServers::add_links(const SharedLink& link) {
  const uint32_t up = add_link(Capacity::of(link, Direction::upload));
  return {link.half_duplex ? up : add_link(Capacity::of(link, Direction::download)), up};
}

/// Progressive filling: the link that fills at the lowest level settles the rates of what passes it. Settling one link
/// lowers no other's level, so one is looked at anew only when it is the lowest by what was known of it.
void ShardedServers::solve() const {
  dirty_ = false;
  for (Link& link : links_) {
    link.left = link.capacity.bytes_per_second;
    link.weight = 0.0;
    link.parts.clear();
  }
  for (size_t i = 0; i < parts_.size(); ++i) {
    parts_[i].rate = kInfinity;
    for (const uint32_t l : parts_[i].links) {
      links_[l].weight += parts_[i].weight;
      links_[l].parts.push_back(static_cast<uint32_t>(i));
    }
  }
  using Filling = std::pair<double, uint32_t>;  // level, link
  std::priority_queue<Filling, std::vector<Filling>, std::greater<>> filling;
  const auto level = [](const Link& link) { return std::max(0.0, link.left) / link.weight; };
  for (uint32_t l = 0; l < links_.size(); ++l) {
    links_[l].rising = links_[l].parts.size();
    if (links_[l].rising > 0) filling.push({level(links_[l]), l});
  }
  while (!filling.empty()) {
    const auto [then, l] = filling.top();
    filling.pop();
    if (links_[l].rising == 0) continue;
    const double now = level(links_[l]);
    if (now > then) {
      filling.push({now, l});
      continue;
    }
    for (const uint32_t i : links_[l].parts) {
      Part& part = parts_[i];
      if (part.rate != kInfinity) continue;
      part.rate = part.weight * now;
      for (const uint32_t other : part.links) {
        links_[other].left -= part.rate;
        links_[other].weight -= part.weight;
        --links_[other].rising;
      }
    }
  }
  first_end_ = Time::max();
  for (Part& part : parts_) {
    const double seconds = part.bytes > 0.0 ? part.bytes / part.rate : 0.0;
    part.end = seconds <= kMaxSeconds ? advance(now_, from_seconds(seconds)) : Time::max();
    first_end_ = std::min(first_end_, part.end);
  }
}

/// What has flowed until now.
void ShardedServers::advance_to(Time now) {
  assert(now >= now_);
  if (now == now_) return;
  if (dirty_) solve();
  for (Part& part : parts_) part.bytes = std::max(0.0, part.bytes - part.rate * to_seconds(now - now_));
  now_ = now;
  if (capacities_change_ <= now) change_capacities();
}

void ShardedServers::change_capacities() {
  capacities_change_ = Time::max();
  for (Link& link : links_) {
    if (link.capacity.changes <= now_) link.capacity.change(now_);
    capacities_change_ = std::min(capacities_change_, link.capacity.changes);
  }
  dirty_ = true;
}

void ShardedServers::start(const Transfer& transfer, uint64_t bytes, Time now) {
  advance_to(now);
  const PrivateLink& link = workers_[transfer.route.child()].link;
  const LinkSpec& own = link.of(transfer.route.direction());
  check_duration(own, bytes, transfer.route.child());
  message(transfer.message) = {transfer, bytes, advance(now, own.latency), 0};
  if (own.latency == Duration::zero())
    enter(transfer.message);
  else
    waiting_.insert({message(transfer.message).ready, transfer.message});
}

void ShardedServers::enter(MessageId m) {
  if (queues_.enter(message(m).transfer.route.direction(), {m})) flow(m);
}

void ShardedServers::flow(MessageId m) {
  Message& own = message(m);
  const NodeId child = own.transfer.route.child();
  const WorkerAccess& access = workers_[child];
  const auto direction = static_cast<size_t>(own.transfer.route.direction());
  static_assert(static_cast<size_t>(Direction::download) == 0 && static_cast<size_t>(Direction::upload) == 1);
  const bool within = access.region == WorkerAccess::kWithin;
  own.left = within ? 1 : servers_.size();
  for (size_t s = 0; s < own.left; ++s) {
    const uint64_t bytes = own.bytes / own.left + (s < own.bytes % own.left);
    Part part{m, weight_of(access, weighted_), {}, static_cast<double>(bytes)};
    part.links = {own_[2 * static_cast<size_t>(child) + direction]};
    if (access.region >= 0) part.links.push_back(regions_[static_cast<size_t>(access.region)][direction]);
    if (!within) part.links.push_back(servers_[s][direction]);
    std::erase(part.links, kNone);
    parts_.push_back(std::move(part));
  }
  dirty_ = true;
}

void ShardedServers::cancel(const Transfer& transfer, Time now) {
  advance_to(now);
  if (waiting_.erase({message(transfer.message).ready, transfer.message}) > 0) return;
  const size_t erased = std::erase_if(parts_, [&](const Part& p) { return p.message == transfer.message; });
  dirty_ = dirty_ || erased > 0;
  if (const Queued* next = queues_.leave(transfer.route.direction(), transfer.message)) flow(next->message);
}

Time ShardedServers::next_end() const {
  if (parts_.empty() && waiting_.empty()) return Time::max();
  if (dirty_) solve();
  Time first = first_end_;
  if (!waiting_.empty()) first = std::min(first, waiting_.begin()->first);
  if (!parts_.empty()) first = std::min(first, capacities_change_);
  if (first == Time::max())
    throw std::overflow_error("the parts of messages under way (" + std::to_string(parts_.size()) +
                              ") would take longer than 146 simulated years on the shared links");
  return first;
}

std::span<const MessageId> ShardedServers::finish(Time now) {
  ended_.clear();
  if (dirty_) solve();
  advance_to(now);
  const auto gone = std::erase_if(parts_, [&](const Part& part) {
    if (part.end > now) return false;
    if (--message(part.message).left == 0) ended_.push_back(part.message);
    return true;
  });
  dirty_ = dirty_ || gone > 0;
  std::sort(ended_.begin(), ended_.end());
  for (const MessageId m : ended_)
    if (const Queued* next = queues_.leave(message(m).transfer.route.direction(), m)) flow(next->message);
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    const MessageId m = waiting_.begin()->second;
    waiting_.erase(waiting_.begin());
    enter(m);
  }
  return ended_;
}

}  // namespace sim
