#include "sim/network/ring_all_reduce.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>

namespace sim {

RingAllReduce::RingAllReduce(const PerWorker<PrivateLink>& links, size_t workers, MessageNumbers numbers)
    : workers_(workers), numbers_(numbers), reductions_(static_cast<size_t>(numbers.fragments)) {
  if (workers < 1) throw std::invalid_argument("a ring needs at least 1 worker");
  for (size_t i = 0; i < links.values().size(); ++i) {
    const PrivateLink& link = links.values()[i];
    check_link(link, links.name(i));
    if (link.download_trace || link.upload_trace)
      throw std::invalid_argument("the link of " + links.name(i) +
                                  " has a trace; a ring counts the slowest bandwidth in every step, a constant");
    assert(link.download.rates.empty() && link.upload.rates.empty());
  }
  for (size_t w = 0; w < workers; ++w) {
    const PrivateLink& from = links[static_cast<NodeId>(w)];
    const PrivateLink& to = links[static_cast<NodeId>((w + 1) % workers)];
    hop_ = std::max(hop_, from.upload.latency + to.download.latency);
    for (const double bandwidth : {from.upload.bytes_per_second, to.download.bytes_per_second})
      if (bandwidth > 0.0 && (slowest_ == 0.0 || bandwidth < slowest_)) slowest_ = bandwidth;
  }
}

uint64_t RingAllReduce::wire_bytes(Route, uint64_t bytes) const {
  __extension__ using Wide = unsigned __int128;
  return static_cast<uint64_t>((Wide{bytes} * 2 * (workers_ - 1) + workers_ - 1) / workers_);
}

Duration RingAllReduce::duration(uint64_t bytes) const {
  const auto n = static_cast<double>(workers_);
  const double sending = slowest_ > 0.0 ? 2.0 * (n - 1.0) / n * static_cast<double>(bytes) / slowest_ : 0.0;
  const double latency = 2.0 * (n - 1.0) * to_seconds(hop_);
  if (sending + latency > kMaxSeconds)
    throw std::overflow_error("the all-reduce of " + std::to_string(bytes) + " bytes among " +
                              std::to_string(workers_) + " workers would take longer than 146 simulated years");
  return from_seconds(sending) + static_cast<Duration::rep>(2 * (workers_ - 1)) * hop_;
}

void RingAllReduce::start(const Transfer& transfer, uint64_t bytes, Time now) {
  if (transfer.route.direction() == Direction::download) {
    downloads_.push_back(transfer.message);
    downloads_end_ = now;
    return;
  }
  Reduction& reduction = reduction_of(transfer.message);
  assert(!reduction.reduced);
  reduction.gathered.push_back(transfer.message);
  reduction.largest = std::max(reduction.largest, bytes);
  if (reduction.gathered.size() < workers_) return;
  reduction.reduced = free_ = advance(std::max(now, free_), duration(reduction.largest));
}

void RingAllReduce::cancel(const Transfer& transfer, Time) {
  const bool down = transfer.route.direction() == Direction::download;
  Reduction& reduction = reduction_of(transfer.message);
  auto& list = down ? downloads_ : reduction.gathered;
  const auto gone = std::find(list.begin(), list.end(), transfer.message);
  assert(gone != list.end());
  list.erase(gone);
  if (!reduction.reduced || !reduction.gathered.empty()) return;
  reduction = {};
  free_ = kTimeZero;
  for (const Reduction& other : reductions_) free_ = std::max(free_, other.reduced.value_or(kTimeZero));
}

Time RingAllReduce::next_end() const {
  Time first = downloads_.empty() ? Time::max() : downloads_end_;
  for (const Reduction& reduction : reductions_) first = std::min(first, reduction.reduced.value_or(Time::max()));
  return first;
}

std::span<const MessageId> RingAllReduce::finish(Time now) {
  ended_.clear();
  if (!downloads_.empty() && downloads_end_ == now) ended_.swap(downloads_);
  for (Reduction& reduction : reductions_) {
    if (reduction.reduced != now) continue;
    ended_.insert(ended_.end(), reduction.gathered.begin(), reduction.gathered.end());
    reduction = {};
  }
  std::sort(ended_.begin(), ended_.end());
  return ended_;
}

std::optional<Duration> RingAllReduce::fixed_duration(Route route, uint64_t bytes) const {
  if (route.direction() == Direction::download) return Duration::zero();
  if (workers_ > 1) return std::nullopt;
  return duration(bytes);
}

}  // namespace sim
