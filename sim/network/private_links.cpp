#include "sim/network/private_links.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace sim {
namespace {

void check(const LinkSpec& link, size_t worker, const char* direction) {
  const std::string place = std::string(direction) + " link of worker " + std::to_string(worker);
  if (link.latency < Duration::zero())
    throw std::invalid_argument(place + ": latency " + std::to_string(to_seconds(link.latency)) +
                                " s is negative; at least 0");
  if (!(link.bytes_per_second >= 0.0) || !std::isfinite(link.bytes_per_second))
    throw std::invalid_argument(place + ": bandwidth " + std::to_string(link.bytes_per_second) +
                                " bytes/s is not allowed; positive and finite, or 0 for unlimited");
}

}  // namespace

PrivateLinks::PrivateLinks(std::vector<PrivateLink> links) : links_(std::move(links)) {
  for (size_t worker = 0; worker < links_.size(); ++worker) {
    check(links_[worker].download, worker, "download");
    check(links_[worker].upload, worker, "upload");
  }
  pending_.reserve(links_.size());
}

Duration PrivateLinks::duration(Transfer transfer, uint64_t bytes) const {
  assert(transfer.worker >= 0 && static_cast<size_t>(transfer.worker) < links_.size());
  const PrivateLink& both = links_[static_cast<size_t>(transfer.worker)];
  const LinkSpec& link = transfer.direction == Direction::download ? both.download : both.upload;
  const double sending = link.bytes_per_second > 0.0 ? static_cast<double>(bytes) / link.bytes_per_second : 0.0;
  if (to_seconds(link.latency) + sending > kMaxSeconds)
    throw std::overflow_error("a transfer of " + std::to_string(bytes) + " bytes on the link of worker " +
                              std::to_string(transfer.worker) + " would take longer than 146 simulated years");
  return link.latency + from_seconds(sending);
}

bool PrivateLinks::later(const Pending& a, const Pending& b) {
  return a.end != b.end ? a.end > b.end : a.transfer.worker > b.transfer.worker;
}

void PrivateLinks::start(Transfer transfer, uint64_t bytes, Time now) {
  pending_.push_back({advance(now, duration(transfer, bytes)), transfer});
  std::push_heap(pending_.begin(), pending_.end(), later);
}

std::optional<Time> PrivateLinks::next_end() const {
  if (pending_.empty()) return std::nullopt;
  return pending_.front().end;
}

std::vector<Transfer> PrivateLinks::finish(Time now) {
  assert(pending_.empty() || now <= pending_.front().end);
  std::vector<Transfer> ended;
  while (!pending_.empty() && pending_.front().end == now) {
    ended.push_back(pending_.front().transfer);
    std::pop_heap(pending_.begin(), pending_.end(), later);
    pending_.pop_back();
  }
  return ended;
}

void PrivateLinks::cancel(Transfer transfer, Time) {
  std::erase_if(pending_, [&](const Pending& p) {
    return p.transfer.worker == transfer.worker && p.transfer.direction == transfer.direction;
  });
  std::make_heap(pending_.begin(), pending_.end(), later);
}

std::optional<Duration> PrivateLinks::fixed_duration(Transfer transfer, uint64_t bytes) const {
  return duration(transfer, bytes);
}

}  // namespace sim
