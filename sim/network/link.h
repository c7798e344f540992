#pragma once
#include <cstdint>
#include <string>

#include "sim/network/network.h"
#include "sim/per_worker.h"

namespace sim {

/// One direction of a link: a transfer takes latency + bytes / bandwidth.
struct LinkSpec {
  Duration latency{0};
  double bytes_per_second = 0.0;  ///< 0 = unlimited
};
struct PrivateLink {
  LinkSpec download;
  LinkSpec upload;
  const LinkSpec& of(Direction direction) const { return direction == Direction::download ? download : upload; }
};

/// Throws std::invalid_argument, with `place` in front, on a negative latency or a bandwidth that is negative or not
/// finite.
void check_link(const LinkSpec&, const std::string& place);

/// Time of a transfer that has the link to itself. Throws std::overflow_error, naming the worker, past kMaxSeconds.
Duration link_duration(const LinkSpec&, uint64_t bytes, NodeId);

/// Throws where link_duration() does; mostly without its division.
inline void check_duration(const LinkSpec& link, uint64_t bytes, NodeId worker) {
  constexpr double kSurely = 1e9;  // s; latency and sending together then stay far below kMaxSeconds
  static_assert(2.0 * kSurely < kMaxSeconds);
  const bool short_enough = link.latency < std::chrono::nanoseconds(std::chrono::seconds(1'000'000'000)) &&
                            static_cast<double>(bytes) < kSurely * link.bytes_per_second;
  if (!short_enough) link_duration(link, bytes, worker);
}

}  // namespace sim
