#include "sim/network/private_links.h"

#include <algorithm>
#include <cassert>

namespace sim {

PrivateLinks::PrivateLinks(PerWorker<PrivateLink> links)
    : links_(std::move(links)), kinds_(std::clamp<size_t>(links_.values().size(), 1, 8)), lines_(2 * kinds_) {
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
  const Duration span = *fixed_duration(transfer, bytes);
  lines_[line(transfer)].pending.push({advance(now, span), transfer.worker, generation(transfer.worker)});
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
  Line& gone_from = lines_[line(transfer)];
  ++gone_from.cancelled;
  drop_cancelled(gone_from);
}

std::optional<Time> PrivateLinks::next_end() const {
  std::optional<Time> first;
  for (const Line& line : lines_)
    if (!line.pending.empty() && (!first || line.pending.front().key < *first)) first = line.pending.front().key;
  return first;
}

std::vector<Transfer> PrivateLinks::finish(Time now) {
  std::vector<Transfer> ended;
  for (size_t i = 0; i < lines_.size(); ++i) {
    Line& line = lines_[i];
    while (!line.pending.empty() && line.pending.front().key <= now) {
      assert(line.pending.front().key == now);
      ended.push_back({line.pending.front().worker, i % 2 == 0 ? Direction::download : Direction::upload});
      line.pending.pop();
      drop_cancelled(line);
    }
  }
  if (ended.size() > 1)
    std::sort(ended.begin(), ended.end(), [](const Transfer& a, const Transfer& b) { return a.worker < b.worker; });
  return ended;
}

std::optional<Duration> PrivateLinks::fixed_duration(Transfer transfer, uint64_t bytes) const {
  return link_duration(links_[transfer.worker].of(transfer.direction), bytes, transfer.worker);
}

}  // namespace sim
