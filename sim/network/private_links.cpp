#include "sim/network/private_links.h"

#include <algorithm>
#include <cassert>

namespace sim {

PrivateLinks::PrivateLinks(PerWorker<PrivateLink> links)
    : links_(std::move(links)),
      kinds_(std::clamp<size_t>(links_.values().size(), 1, 8)),
      lines_(2 * kinds_),
      ends_(2 * kinds_, Time::max()) {
  for (size_t i = 0; i < links_.values().size(); ++i) {
    check_link(links_.values()[i].download, "download link of " + links_.name(i));
    check_link(links_.values()[i].upload, "upload link of " + links_.name(i));
  }
}

uint32_t PrivateLinks::generation(WorkerId worker) const {
  const auto w = static_cast<size_t>(worker);
  return w < generations_.size() ? generations_[w] : 0;
}

void PrivateLinks::start(Transfer transfer, uint64_t bytes, Time now) {
  const size_t which = line(transfer);
  Line& to = lines_[which];
  const size_t kind = links_.kind(transfer.worker);
  if (to.bytes != bytes || to.kind != kind || to.span < Duration::zero()) {
    to.span = *fixed_duration(transfer, bytes);
    to.bytes = bytes;
    to.kind = kind;
  }
  const Time end = advance(now, to.span);
  to.pending.push({end, transfer.worker, generation(transfer.worker)});
  ends_[which] = std::min(ends_[which], end);
  first_ = std::min(first_, end);
}

void PrivateLinks::drop_cancelled(Line& line) {
  const auto cancelled = [this](const Pending& p) { return p.generation != generation(p.worker); };
  if (2 * line.cancelled > line.pending.size() + 64) {  // so that they never outnumber the others by much
    line.pending.remove_if(cancelled);
    line.cancelled = 0;
  }
  for (; line.cancelled > 0 && cancelled(line.pending.front()); --line.cancelled) line.pending.pop();
}

void PrivateLinks::cancel(Transfer transfer, Time) {
  const auto w = static_cast<size_t>(transfer.worker);
  if (w >= generations_.size()) generations_.resize(w + 1);
  ++generations_[w];
  const size_t gone_from = line(transfer);
  ++lines_[gone_from].cancelled;
  drop_cancelled(lines_[gone_from]);
  ends_[gone_from] = first_of(lines_[gone_from]);
  first_ = *std::min_element(ends_.begin(), ends_.end());
}

std::span<const Transfer> PrivateLinks::finish(Time now) {
  ended_.clear();
  first_ = Time::max();
  for (size_t i = 0; i < ends_.size(); ++i) {
    if (ends_[i] <= now) {
      Line& line = lines_[i];
      do {
        assert(line.pending.front().key == now);
        ended_.push_back({line.pending.front().worker, i % 2 == 0 ? Direction::download : Direction::upload});
        line.pending.pop();
        if (line.cancelled > 0) drop_cancelled(line);
      } while (first_of(line) <= now);
      ends_[i] = first_of(line);
      if (const Pending* soon = line.pending.soon()) soon_ = soon->worker;
    }
    first_ = std::min(first_, ends_[i]);
  }
  if (ended_.size() > 1)
    std::sort(ended_.begin(), ended_.end(), [](const Transfer& a, const Transfer& b) { return a.worker < b.worker; });
  return ended_;
}

std::optional<Duration> PrivateLinks::fixed_duration(Transfer transfer, uint64_t bytes) const {
  return link_duration(links_[transfer.worker].of(transfer.direction), bytes, transfer.worker);
}

}  // namespace sim
