#include "sim/network/private_links.h"

#include <algorithm>
#include <cassert>

namespace sim {

PrivateLinks::PrivateLinks(PerWorker<PrivateLink> links, MessageNumbers numbers, size_t nodes)
    : links_(std::move(links)),
      numbers_(numbers),
      queues_(numbers, nodes),
      kinds_(std::clamp<size_t>(links_.values().size(), 1, 8)),
      lines_(2 * kinds_),
      ends_(2 * kinds_, Time::max()) {
  for (size_t i = 0; i < links_.values().size(); ++i) check_link(links_.values()[i], links_.name(i));
}

uint32_t PrivateLinks::generation(MessageId message) const {
  const auto m = static_cast<size_t>(message);
  return m < generations_.size() ? generations_[m] : 0;
}

void PrivateLinks::start(const Transfer& transfer, uint64_t bytes, Time now) {
  const Direction direction = transfer.route.direction();
  if (queues_.enter(direction, {transfer.message, bytes, now}))
    begin(transfer.route.child(), direction, transfer.message, bytes, now);
}

/// `from`: when its latency began, or later where the link was taken.
void PrivateLinks::begin(NodeId child, Direction direction, MessageId message, uint64_t bytes, Time from) {
  const size_t which = line(child, direction);
  Line& to = lines_[which];
  const size_t kind = links_.kind(child);
  Time end;
  if (to.bytes == bytes && to.kind == kind && to.span >= Duration::zero()) {
    end = advance(from, to.span);
  } else {
    const PrivateLink& link = links_[child];
    end = link_end(link, direction, bytes, child, from);
    to.span = link.trace(direction) ? Duration{-1} : end - from;
    to.bytes = bytes;
    to.kind = kind;
  }
  to.pending.push({end, message, generation(message)});
  ends_[which] = std::min(ends_[which], end);
  first_ = std::min(first_, end);
}

void PrivateLinks::begin_next(Direction direction, const Queued& next, Time now) {
  const NodeId child = numbers_.node(next.message);
  const Duration latency = links_[child].of(direction).latency;
  begin(child, direction, next.message, next.bytes, std::max(next.started, now - latency));
}

void PrivateLinks::drop_cancelled(Line& line) {
  const auto cancelled = [this](const Pending& p) { return p.generation != generation(p.message); };
  if (2 * line.cancelled > line.pending.size() + 64) {  // so that they never outnumber the others by much
    line.pending.remove_if(cancelled);
    line.cancelled = 0;
  }
  for (; line.cancelled > 0 && cancelled(line.pending.front()); --line.cancelled) line.pending.pop();
}

void PrivateLinks::cancel(const Transfer& transfer, Time now) {
  const Direction direction = transfer.route.direction();
  const bool begun = queues_.has(direction, transfer.message);
  const Queued* next = queues_.leave(direction, transfer.message);
  if (!begun) return;
  const auto m = static_cast<size_t>(transfer.message);
  if (m >= generations_.size()) generations_.resize(m + 1);
  ++generations_[m];
  const size_t gone_from = line(transfer.route.child(), direction);
  ++lines_[gone_from].cancelled;
  drop_cancelled(lines_[gone_from]);
  ends_[gone_from] = first_of(lines_[gone_from]);
  first_ = *std::min_element(ends_.begin(), ends_.end());
  if (next) begin_next(direction, *next, now);
}

std::span<const MessageId> PrivateLinks::finish(Time now) {
  ended_.clear();
  first_ = Time::max();
  for (size_t i = 0; i < ends_.size(); ++i) {
    if (ends_[i] <= now) {
      Line& line = lines_[i];
      do {
        assert(line.pending.front().key == now);
        const MessageId message = line.pending.front().message;
        ended_.push_back(message);
        line.pending.pop();
        if (line.cancelled > 0) drop_cancelled(line);
        const Direction direction = i % 2 == 0 ? Direction::download : Direction::upload;
        if (const Queued* next = queues_.leave(direction, message)) begin_next(direction, *next, now);
      } while (first_of(line) <= now);
      ends_[i] = first_of(line);
      if (const Pending* soon = line.pending.soon()) soon_ = soon->message;
    }
    first_ = std::min(first_, ends_[i]);
  }
  if (ended_.size() > 1) std::sort(ended_.begin(), ended_.end());
  return ended_;
}

std::optional<Duration> PrivateLinks::fixed_duration(Route route, uint64_t bytes) const {
  const PrivateLink& link = links_[route.child()];
  if (link.trace(route.direction())) return std::nullopt;
  return link_duration(link.of(route.direction()), bytes, route.child());
}

}  // namespace sim
