#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/huge_pages.h"
#include "sim/network/demand_tree.h"
#include "sim/network/lane_queue.h"
#include "sim/network/link.h"
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
  enum class Phase : uint8_t { idle, waiting, queued, in_line, flowing } phase = Phase::idle;
};

/// What flows of a lane have in common.
struct FlowKind {
  double cap;            ///< bytes per second of their own link, per weight; +∞ allowed
  double weight = 1.0;   ///< their part of what is shared, beside the others'
  uint32_t changes = 0;  ///< which of the caps that change is theirs; 0: their cap stays
  auto operator<=>(const FlowKind&) const = default;
};

/// All flows that pass the same shared links. Max-min fairness gives each of them weight · min(its own cap, one common
/// level), so nothing is kept flow by flow: flows of equal kind form a lane, whose members have all sent equally much
/// since any moment they shared. Lanes above the level follow one common clock that counts bytes, per weight, sent at
/// the level; lanes below it send at their cap and end at a known time. A change of the level then costs O(1) for each
/// lane that changes sides, whatever the number of flows. Where a cap changes, there is a lane for each of its values.
class FlowSite {
 public:
  /// `kinds`: distinct, ascending, at least one. `messages` must outlive this.
  FlowSite(const std::vector<FlowKind>& kinds, const LargeVector<FlowState>& messages);
  /// Precondition: there is such a one.
  size_t lane(const FlowKind&) const;
  static constexpr size_t kCached = 1000;  ///< so few lanes, or routes, stay in the cache by themselves
  bool unlimited(size_t lane) const { return here(lane) >= finite_caps_; }
  /// From `now` on flows that join this lane, and those in it, have that cap instead. Precondition: its kind's changes.
  void change_cap(size_t lane, double cap, Time now);
  /// Bytes per second of a flow that joined this lane.
  double rate(size_t lane) const { return weight(lane) * std::min(demand_.caps()[here(lane)], level_); }
  /// Into the cache, before a flow joins or leaves. Always inline, as all that only fetch: g++ takes such a function
  /// for one without effect and drops its calls.
  [[gnu::always_inline]] void fetch(size_t lane) const {
    if (!many()) return;
    lane = here(lane);
    __builtin_prefetch(&lanes_[lane], 1);
    demand_.fetch(lane);
    (capped(lane) ? time_ends_.fetch(static_cast<uint32_t>(lane)) : clock_ends_.fetch(static_cast<uint32_t>(lane)));
  }

  /// A flow of `bytes` joins.
  void enter(size_t lane, FlowId flow, double bytes, Time now);
  /// A flow whose generation has just moved on leaves.
  void leave(size_t lane, Time now);
  /// The rate of every flow is weight · min(its cap, level) from `now` on.
  void set_level(double level, Time now);

  /// Of all flows.
  double weight() const { return demand_.total().weight; }
  /// What all flows together take if nothing but their caps holds them back.
  double unlimited_demand() const { return demand_.total().caps; }
  /// What they take at a level: `fixed` by those capped at or below it, and `rising` times the level by the others.
  struct Demand {
    double fixed;
    double rising;
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
    double key;  // the lane's sent bytes, per weight, at which the flow ends
    MessageId message;
    uint32_t generation;
  };
  /// One cache line: among a million of them each is a wait for memory.
  struct alignas(64) Lane {
    explicit Lane(double most) : cap(most) {}
    double cap;
    double sent = 0.0;  // bytes, per weight, that a member since ever would have sent, at `mark` or at `since`
    union {
      double mark = 0.0;  // above the level: the clock's stand
      Time since;         // below it
    };
    double largest = 0.0;                             // bytes, per weight, of a flow so far
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
  /// The lane in which flows that join this one are now.
  size_t here(size_t lane) const { return changes_ ? now_in_[lane] : lane; }
  double weight(size_t lane) const { return weighted_ ? weights_[lane] : 1.0; }
  double rising_above(size_t capped, double below) const {
    return weighted_ ? demand_.weight_above(capped) : weight() - below;
  }
  void tell_demand(size_t i, const Lane& lane) {
    const auto flows = static_cast<double>(lane.flows);
    demand_.set(i, lane.cap, weighted_ ? weights_[i] * flows : flows);
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
  bool weighted_, changes_;  // whether any flow's weight is not 1, any cap changes
  size_t finite_caps_;
  double level_;
  size_t capped_lanes_;  // lanes below the level
  double clock_ = 0.0;   // bytes, per weight, sent at the level
  Time now_{};           // of the clock
  double largest_ = 0.0;
  MessageId soon_ = -1;
  size_t next_lane_ = ~size_t{0};  // fetched as the first to end
  Tournament<double> clock_ends_;  // lanes above the level, by the clock's stand at their first end
  Tournament<int64_t> time_ends_;  // lanes below it, by the time of their first end in ns
  std::vector<double> weights_;    // of each lane, where weighted_
  // Of each lane its kind's, and where the flows are that joined it, where changes_.
  std::vector<uint32_t> changing_, now_in_;
};

}  // namespace sim
