#pragma once
#include <cassert>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "sim/network/capacity_trace.h"
#include "sim/network/network.h"
#include "sim/network/rates.h"
#include "sim/per_worker.h"

namespace sim {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// One direction of a link: a transfer takes latency + bytes / bandwidth.
struct LinkSpec {
  Duration latency{0};
  double bytes_per_second = 0.0;      ///< 0 = unlimited
  std::vector<RatePoint> rates = {};  ///< a bandwidth that depends on the transfer's bytes, instead of that one
};
/// Precondition: without rates.
inline double cap_of(const LinkSpec& link) {
  assert(link.rates.empty());
  return link.bytes_per_second > 0.0 ? link.bytes_per_second : kInfinity;
}

struct PrivateLink {
  LinkSpec download;
  LinkSpec upload;
  /// Bandwidths over time instead of constant ones; the LinkSpec's is then 0.
  std::shared_ptr<const CapacityTrace> download_trace{}, upload_trace{};
  const LinkSpec& of(Direction direction) const { return direction == Direction::download ? download : upload; }
  const CapacityTrace* trace(Direction direction) const {
    return (direction == Direction::download ? download_trace : upload_trace).get();
  }
};

/// Throws std::invalid_argument, with `name` of its worker, on a negative latency, a bandwidth that is negative or not
/// finite, one beside a trace, and rates beside either or with a mistake.
void check_link(const PrivateLink&, const std::string& name);

/// Time of a transfer that has the link to itself. Throws std::overflow_error, naming the worker, past kMaxSeconds.
Duration link_duration(const LinkSpec&, uint64_t bytes, NodeId);

/// When a transfer ends that has the link to itself and begins, with its latency, at `from`; link_duration() later
/// without a trace. Throws as that does.
Time link_end(const PrivateLink&, Direction, uint64_t bytes, NodeId, Time from);

/// Throws where link_duration() does; mostly without its division.
inline void check_duration(const LinkSpec& link, uint64_t bytes, NodeId worker) {
  constexpr double kSurely = 1e9;  // s; latency and sending together then stay far below kMaxSeconds
  static_assert(2.0 * kSurely < kMaxSeconds);
  const bool short_enough = link.latency < std::chrono::nanoseconds(std::chrono::seconds(1'000'000'000)) &&
                            static_cast<double>(bytes) < kSurely * link.bytes_per_second;
  if (!short_enough) link_duration(link, bytes, worker);
}

}  // namespace sim
