#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/huge_pages.h"
#include "sim/network/demand_tree.h"
#include "sim/network/lane_queue.h"
#include "sim/network/network.h"
#include "sim/network/tournament.h"
#include "sim/units.h"

namespace sim {

/// A message on its way; stale once the message's generation has moved on.
struct FlowId {
  MessageId message;
  uint32_t generation;
};

/// What a message is doing.
struct FlowState {
  uint32_t generation = 0;  ///< how often it was cancelled
  enum class Phase : uint8_t { idle, waiting, queued, flowing } phase = Phase::idle;
};

/// All flows that pass the same shared links. Max-min fairness gives each of them min(its own cap, one common level),
/// so nothing is kept flow by flow: flows of equal cap form a lane, whose members have all sent equally much since any
/// moment they shared. Lanes above the level follow one common clock that counts bytes sent at the level; lanes below
/// it send at their cap and end at a known time. A change of the level then costs O(1) for each lane that changes
/// sides, whatever the number of flows.
class FlowSite {
 public:
  /// `caps`: distinct, ascending, +∞ allowed. `messages` must outlive this.
  FlowSite(std::vector<double> caps, const LargeVector<FlowState>& messages);
  size_t lane(double cap) const;
  static constexpr size_t kCached = 1000;  ///< so few lanes, or routes, stay in the cache by themselves
  bool unlimited(size_t lane) const { return lane >= finite_caps_; }
  /// Into the cache, before a flow joins or leaves. Always inline, as all that only fetch: g++ takes such a function
  /// for one without effect and drops its calls.
  [[gnu::always_inline]] void fetch(size_t lane) const {
    if (!many()) return;
    __builtin_prefetch(&lanes_[lane], 1);
    demand_.fetch(lane);
    (capped(lane) ? time_ends_.fetch(static_cast<uint32_t>(lane)) : clock_ends_.fetch(static_cast<uint32_t>(lane)));
  }

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

  /// When the first flow ends at the present rates; Time::max() if none does within kMaxSeconds. Fetches what its end
  /// will touch into the cache, in two calls: the lane first, then what the lane names.
  Time next_end();
  /// Removes the flows that end at or before `now` and appends their messages.
  void take_ended(Time now, std::vector<MessageId>& ended);
  /// A message that will probably end soon; −1 if unknown.
  MessageId soon() const { return soon_; }

 private:
  struct Target {
    double key;  // the lane's sent bytes at which the flow ends
    MessageId message;
    uint32_t generation;
  };
  /// One cache line: among a million of them each is a wait for memory.
  struct alignas(64) Lane {
    explicit Lane(double most) : cap(most) {}
    double cap;
    double sent = 0.0;  // bytes that a member since ever would have sent, at `mark` or at `since`
    union {
      double mark = 0.0;  // above the level: the clock's stand
      Time since;         // below it
    };
    double largest = 0.0;                             // bytes of a flow so far
    [[no_unique_address]] LaneQueue<Target> targets;  // its last bytes hold what follows
    int32_t flows = 0;
  };
  static_assert(sizeof(Lane) == 64);
  bool many() const { return lanes_.size() > kCached; }
  bool capped(size_t lane) const { return lane < capped_lanes_; }
  size_t lanes_capped_at(double level) const {
    const auto caps = demand_.caps().first(finite_caps_);
    const size_t same = capped_lanes_;  // mostly the level moves little
    if ((same == 0 || caps[same - 1] <= level) && (same == caps.size() || caps[same] > level)) return same;
    return static_cast<size_t>(std::upper_bound(caps.begin(), caps.end(), level) - caps.begin());
  }
  double sent(const Lane&, bool capped, Time now) const;
  void set_sent(Lane&, bool capped, double sent, Time now);
  void settle(Time now);
  [[gnu::cold]] void restart_clock();  // rarely: kept out of line, or settle() would be too
  void schedule(size_t lane);
  void drop_stale(Lane&);
  Time clock_end(double mark) const;
  bool clock_ended(double mark) const;

  const LargeVector<FlowState>& messages_;
  LargeVector<Lane> lanes_;
  DemandTree demand_;
  size_t finite_caps_;
  double level_;
  size_t capped_lanes_;  // lanes below the level
  double clock_ = 0.0;   // bytes sent at the level
  Time now_{};           // of the clock
  double largest_ = 0.0;
  MessageId soon_ = -1;
  size_t next_lane_ = ~size_t{0};  // fetched as the first to end
  Tournament<double> clock_ends_;  // lanes above the level, by the clock's stand at their first end
  Tournament<int64_t> time_ends_;  // lanes below it, by the time of their first end in ns
};

}  // namespace sim
