#include "sim/network/all_gather.h"

#include <limits>
#include <stdexcept>

namespace sim {

AllGather::AllGather(PerWorker<PrivateLink> links, size_t workers, MessageNumbers numbers)
    : links_(std::move(links), numbers, workers), begun_(workers) {
  if (workers < 1) throw std::invalid_argument("an all-gather needs at least 1 worker");
}

void AllGather::start(const Transfer& transfer, uint64_t bytes, Time now) {
  const auto worker = static_cast<size_t>(transfer.route.child());
  const bool first = transfer.route.direction() == Direction::download && !begun_[worker];
  links_.start(transfer, first ? 0 : wire_bytes(transfer.route, bytes), now);
  if (first) begun_[worker] = true;
}

uint64_t AllGather::wire_bytes(Route route, uint64_t bytes) const {
  if (route.direction() == Direction::upload) return bytes;
  const uint64_t others = begun_.size() - 1, most = std::numeric_limits<uint64_t>::max();
  return others > 0 && bytes > most / others ? most : others * bytes;
}

}  // namespace sim
