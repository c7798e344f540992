#include "sim/network/shared_link.h"

#include <cmath>
#include <stdexcept>

namespace sim {

void check_sharing(const std::vector<SharedLink>& servers, const std::vector<SharedLink>& regions,
                   const PerWorker<WorkerAccess>& workers) {
  const SharedLink* shares = nullptr;  // one that shares by weight
  const SharedLink* server_in_turn = nullptr;
  for (const auto* links : {&servers, &regions})
    for (const SharedLink& link : *links) {
      if (link.sharing == Sharing::fifo) {
        if (links == &regions && server_in_turn)
          throw std::invalid_argument(link.name + ": serves one message after another, as " + server_in_turn->name +
                                      " does; one of the two on a way");
        if (links == &servers) server_in_turn = &link;
        continue;
      }
      if (shares && shares->sharing != link.sharing)
        throw std::invalid_argument(link.name + ": shares otherwise than " + shares->name +
                                    "; a message has one weight on its whole way");
      shares = &link;
    }
  const bool weighted = shares && shares->sharing == Sharing::rtt_weighted;
  for (size_t i = 0; i < workers.values().size(); ++i) {
    const WorkerAccess& kind = workers.values()[i];
    check_link(kind.link, workers.name(i));
    if (kind.region < WorkerAccess::kWithin || kind.region >= static_cast<int>(regions.size()))
      throw std::invalid_argument("region " + std::to_string(kind.region) + " of " + workers.name(i) +
                                  " does not exist; there are " + std::to_string(regions.size()));
    if (!std::isfinite(weight_of(kind, weighted)))
      throw std::invalid_argument("the link of " + workers.name(i) +
                                  " has no latency, so its share by round-trip time would be infinite");
  }
}

std::optional<Capacity> Capacity::of(const SharedCapacity& capacity, const std::string& place) {
  if (!(capacity.bytes_per_second >= 0.0) || !std::isfinite(capacity.bytes_per_second))
    throw std::invalid_argument(place + ": capacity " + std::to_string(capacity.bytes_per_second) +
                                " bytes/s is not allowed; positive and finite, or 0 for unlimited");
  if (!capacity.trace && capacity.bytes_per_second == 0.0) return std::nullopt;
  return Capacity{capacity.bytes_per_second, capacity.trace, capacity.trace ? kTimeZero : Time::max()};
}

std::optional<Capacity> Capacity::of(const SharedLink& link, Direction direction) {
  const bool up = direction == Direction::upload;
  return of(up ? link.up : link.down, link.name + (link.half_duplex ? "" : up ? ", up" : ", down"));
}

}  // namespace sim
