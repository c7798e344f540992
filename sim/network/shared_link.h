#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "sim/network/capacity_trace.h"
#include "sim/network/link.h"
#include "sim/network/sharing.h"
#include "sim/per_worker.h"

namespace sim {

/// What a shared link carries in one direction.
struct SharedCapacity {
  double bytes_per_second = 0.0;       ///< 0: unlimited
  std::optional<CapacityTrace> trace;  ///< instead of a constant
};
/// A shared link; `up` carries uploads, `down` downloads.
struct SharedLink {
  std::string name;  ///< for messages
  SharedCapacity up, down;
  bool half_duplex = false;  ///< both directions together have the capacity `up`; `down` is not looked at
  Sharing sharing = Sharing::fair;
};
/// How a node is connected. Its own link is never half duplex.
struct WorkerAccess {
  static constexpr int kWithin = -2;  ///< its parent is in its own region, and nothing shared lies between them
  PrivateLink link;
  int region = -1;  ///< index into the regions; −1: straight to the server; or kWithin
};

/// Throws std::invalid_argument, naming the place, unless private links are sound, regions exist, all links that share
/// by weight do so with one kind of weight, weights are finite, and no way has two links that serve one after another.
void check_sharing(const std::vector<SharedLink>& servers, const std::vector<SharedLink>& regions,
                   const PerWorker<WorkerAccess>& workers);

/// A capacity at the present moment.
struct Capacity {
  double bytes_per_second;
  std::optional<CapacityTrace> trace;
  Time changes = Time::max();  ///< when to look again

  /// Throws std::invalid_argument, naming the place, where it is negative or not finite. None where unlimited.
  static std::optional<Capacity> of(const SharedCapacity&, const std::string& place);
  /// Of a link's direction.
  static std::optional<Capacity> of(const SharedLink&, Direction);
  /// Precondition: `changes` ≤ now.
  void change(Time now) {
    const CapacityTrace::Segment segment = trace->at(now);
    bytes_per_second = segment.bytes_per_second;
    changes = segment.end;
  }
};

/// What each worker kind's flows weigh, 1 where links share evenly.
inline double weight_of(const WorkerAccess& access, bool rtt_weighted) {
  if (!rtt_weighted || access.region == WorkerAccess::kWithin) return 1.0;
  return 1.0 / to_seconds(access.link.download.latency + access.link.upload.latency);
}
inline bool rtt_weighted(const std::vector<SharedLink>& links) {
  return std::any_of(links.begin(), links.end(),
                     [](const SharedLink& l) { return l.sharing == Sharing::rtt_weighted; });
}

}  // namespace sim
