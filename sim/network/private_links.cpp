#include "sim/network/private_links.h"

#include <algorithm>
#include <cassert>

namespace sim {

PrivateLinks::PrivateLinks(PerWorker<PrivateLink> links) : links_(std::move(links)) {
  for (size_t i = 0; i < links_.values().size(); ++i) {
    check_link(links_.values()[i].download, "download link of " + links_.name(i));
    check_link(links_.values()[i].upload, "upload link of " + links_.name(i));
  }
}

bool PrivateLinks::later(const Pending& a, const Pending& b) {
  return a.end != b.end ? a.end > b.end : a.worker > b.worker;
}

uint32_t PrivateLinks::generation(WorkerId worker) const {
  const auto w = static_cast<size_t>(worker);
  return w < generations_.size() ? generations_[w] : 0;
}

void PrivateLinks::start(Transfer transfer, uint64_t bytes, Time now) {
  const Duration span = *fixed_duration(transfer, bytes);
  pending_.push_back({advance(now, span), transfer.worker, transfer.direction == Direction::upload,
                      generation(transfer.worker) & 0x7fffffffu});
  std::push_heap(pending_.begin(), pending_.end(), later);
}

void PrivateLinks::pop() {
  std::pop_heap(pending_.begin(), pending_.end(), later);
  pending_.pop_back();
}

void PrivateLinks::drop_cancelled() {
  const auto gone = [this](const Pending& p) { return cancelled(p); };
  if (2 * cancelled_ > pending_.size() + 64) {  // so that they never outnumber the others by much
    std::erase_if(pending_, gone);
    std::make_heap(pending_.begin(), pending_.end(), later);
    cancelled_ = 0;
  }
  for (; !pending_.empty() && cancelled(pending_.front()); --cancelled_) pop();
}

void PrivateLinks::cancel(Transfer transfer, Time) {
  const auto w = static_cast<size_t>(transfer.worker);
  if (w >= generations_.size()) generations_.resize(w + 1);
  generations_[w] = (generations_[w] + 1) & 0x7fffffffu;
  ++cancelled_;
  drop_cancelled();
}

std::optional<Time> PrivateLinks::next_end() const {
  if (pending_.empty()) return std::nullopt;
  return pending_.front().end;
}

std::vector<Transfer> PrivateLinks::finish(Time now) {
  assert(pending_.empty() || now <= pending_.front().end);
  std::vector<Transfer> ended;
  while (!pending_.empty() && pending_.front().end == now) {
    ended.push_back({pending_.front().worker, pending_.front().upload ? Direction::upload : Direction::download});
    pop();
    drop_cancelled();
  }
  return ended;
}

std::optional<Duration> PrivateLinks::fixed_duration(Transfer transfer, uint64_t bytes) const {
  return link_duration(links_[transfer.worker].of(transfer.direction), bytes, transfer.worker);
}

}  // namespace sim
