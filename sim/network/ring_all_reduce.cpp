#include "sim/network/ring_all_reduce.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>

namespace sim {

RingAllReduce::RingAllReduce(const PerWorker<PrivateLink>& links, size_t workers) : workers_(workers) {
  if (workers < 1) throw std::invalid_argument("a ring needs at least 1 worker");
  for (size_t i = 0; i < links.values().size(); ++i) {
    check_link(links.values()[i].download, "download link of " + links.name(i));
    check_link(links.values()[i].upload, "upload link of " + links.name(i));
  }
  for (size_t w = 0; w < workers; ++w) {
    const PrivateLink& from = links[static_cast<WorkerId>(w)];
    const PrivateLink& to = links[static_cast<WorkerId>((w + 1) % workers)];
    hop_ = std::max(hop_, from.upload.latency + to.download.latency);
    for (const double bandwidth : {from.upload.bytes_per_second, to.download.bytes_per_second})
      if (bandwidth > 0.0 && (slowest_ == 0.0 || bandwidth < slowest_)) slowest_ = bandwidth;
  }
}

uint64_t RingAllReduce::wire_bytes(Transfer, uint64_t bytes) const {
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

void RingAllReduce::start(Transfer transfer, uint64_t bytes, Time now) {
  if (transfer.direction == Direction::download) {
    downloads_.push_back(transfer.worker);
    downloads_end_ = now;
    return;
  }
  assert(!reduced_);
  gathered_.push_back(transfer.worker);
  largest_ = std::max(largest_, bytes);
  if (gathered_.size() == workers_) reduced_ = advance(now, duration(largest_));
}

void RingAllReduce::cancel(Transfer transfer, Time) {
  auto& list = transfer.direction == Direction::download ? downloads_ : gathered_;
  const auto gone = std::find(list.begin(), list.end(), transfer.worker);
  assert(gone != list.end());
  list.erase(gone);
  if (reduced_ && gathered_.empty()) {
    reduced_.reset();
    largest_ = 0;
  }
}

Time RingAllReduce::next_end() const {
  return std::min(reduced_.value_or(Time::max()), downloads_.empty() ? Time::max() : downloads_end_);
}

std::span<const Transfer> RingAllReduce::finish(Time now) {
  ended_.clear();
  if (!downloads_.empty() && downloads_end_ == now) {
    for (const WorkerId worker : downloads_) ended_.push_back({worker, Direction::download});
    downloads_.clear();
  }
  if (reduced_ == now) {
    for (const WorkerId worker : gathered_) ended_.push_back({worker, Direction::upload});
    gathered_.clear();
    largest_ = 0;
    reduced_.reset();
  }
  std::sort(ended_.begin(), ended_.end(), [](const Transfer& a, const Transfer& b) { return a.worker < b.worker; });
  return ended_;
}

std::optional<Duration> RingAllReduce::fixed_duration(Transfer transfer, uint64_t bytes) const {
  if (transfer.direction == Direction::download) return Duration::zero();
  if (workers_ > 1) return std::nullopt;
  return duration(bytes);
}

}  // namespace sim
