#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/network/demand_tree.h"
#include "sim/network/indexed_heap.h"
#include "sim/network/monotone_queue.h"
#include "sim/network/network.h"
#include "sim/units.h"

namespace sim {

/// A worker's transfer; stale once the worker's generation has moved on.
struct FlowId {
  WorkerId worker;
  uint32_t generation;
};

/// What a worker's transfers are doing.
struct FlowState {
  uint32_t generation = 0;  ///< how many have been cancelled
  enum class Phase : uint8_t { idle, waiting, flowing } phase = Phase::idle;
  bool upload = false;
};

/// All flows that pass the same shared links. Max-min fairness gives each of them min(its own cap, one common level),
/// so nothing is kept flow by flow: flows of equal cap form a lane, whose members have all sent equally much since any
/// moment they shared. Lanes above the level follow one common clock that counts bytes sent at the level; lanes below
/// it send at their cap and end at a known time. A change of the level then costs O(1) for each lane that changes
/// sides, whatever the number of flows.
class FlowSite {
 public:
  /// `caps`: distinct, ascending, +∞ allowed. `workers` must outlive this.
  FlowSite(std::vector<double> caps, const std::vector<FlowState>& workers);
  size_t lane(double cap) const;

  /// A flow of `bytes` joins.
  void enter(size_t lane, FlowId flow, double bytes, Time now);
  /// A flow whose generation has just moved on leaves.
  void leave(size_t lane, Time now);
  /// The rate of every flow is min(its cap, level) from `now` on.
  void set_level(double level, Time now);
  double level() const { return level_; }

  int64_t flows() const { return demand_.total().flows; }
  /// What all flows together take if nothing but their caps holds them back.
  double unlimited_demand() const { return demand_.total().caps; }
  /// What they take at a level: `fixed` by those capped at or below it, and the level for each of the `rising` others.
  struct Demand {
    double fixed;
    int64_t rising;
  };
  Demand demand(double level) const;
  /// The level at which these flows alone fill `left` bytes per second; +∞ if they cannot. `guess`: any level; a near
  /// one saves time.
  double filling_level(double left, double guess) const;

  /// When the first flow ends at the present rates; Time::max() if none does within kMaxSeconds.
  Time next_end() const;
  /// Removes the flows that end at or before `now` and appends them as transfers of that direction.
  void take_ended(Time now, Direction, std::vector<Transfer>& ended);
  /// A worker whose flow will probably end soon; −1 if unknown.
  WorkerId soon() const { return soon_; }

 private:
  struct Target {
    double key;  // the lane's sent bytes at which the flow ends
    WorkerId worker;
    uint32_t generation;
  };
  struct Lane {
    double cap;
    double sent = 0.0;   // bytes that a member since ever would have sent, at `since` or at clock `mark`
    double mark = 0.0;   // above the level
    Time since{};        // below it
    double largest = 0;  // bytes of a flow so far
    int64_t flows = 0;
    MonotoneQueue<Target> targets;
  };
  bool capped(size_t lane) const { return lane < capped_lanes_; }
  size_t lanes_capped_at(double level) const {
    const auto caps = demand_.caps().first(finite_caps_);
    const size_t same = capped_lanes_;  // mostly the level moves little
    if ((same == 0 || caps[same - 1] <= level) && (same == caps.size() || caps[same] > level)) return same;
    return static_cast<size_t>(std::upper_bound(caps.begin(), caps.end(), level) - caps.begin());
  }
  double sent(size_t lane, Time now) const;
  void settle(Time now);
  void set_sent(size_t lane, double sent, Time now);
  void schedule(size_t lane);
  void drop_stale(Lane&);
  Time clock_end(double mark) const;
  bool clock_ended(double mark) const;

  const std::vector<FlowState>& workers_;
  std::vector<Lane> lanes_;
  DemandTree demand_;
  size_t finite_caps_;
  double level_;
  size_t capped_lanes_;  // lanes below the level
  double clock_ = 0.0;   // bytes sent at the level
  Time now_{};           // of the clock
  double largest_ = 0.0;
  WorkerId soon_ = -1;
  IndexedHeap<double> clock_ends_;  // lanes above the level, by the clock's stand at their first end
  IndexedHeap<int64_t> time_ends_;  // lanes below it, by the time of their first end in ns
};

}  // namespace sim
