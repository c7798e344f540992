#pragma once
#include <compare>
#include <optional>
#include <vector>

#include "sim/network/flow_site.h"
#include "sim/network/network.h"
#include "sim/network/route_queues.h"
#include "sim/network/shared_link.h"

namespace sim {

/// Transfers that share links: a worker's own, its region's and the server's. A transfer first waits out its latency,
/// then for those that started before it on the same route, then its bytes flow, at rates that are max-min fair
/// (Bertsekas & Gallager, Data Networks, §6.5.2): no flow can have more without taking from one that has no more than
/// it. They are solved anew whenever a flow starts or ends or a capacity changes. With C bytes/s shared by n equal
/// flows alone, each has C/n. An end is the nearest nanosecond, at which the rates of the others change: an error of up
/// to 0.5 ns an event. With weights it is the rates per weight that are max-min fair. A link that serves one message
/// after another has one flow at a time, of the message that has waited longest for nothing but its turn (at one
/// instant the smallest number), which keeps it to its end.
class SharedLinks final : public Network {
 public:
  /// Throws std::invalid_argument, naming the place, on a capacity that is negative or not finite, and where
  /// check_sharing() does.
  SharedLinks(const SharedLink& server, const std::vector<SharedLink>& regions, PerWorker<WorkerAccess> workers,
              size_t worker_count, MessageNumbers numbers = {});
  SharedLinks(const SharedLinks&) = delete;
  SharedLinks& operator=(const SharedLinks&) = delete;
  /// Throws std::overflow_error where the worker's own link alone takes longer than kMaxSeconds.
  void start(const Transfer&, uint64_t bytes, Time now) override;
  void cancel(const Transfer&, Time now) override;
  /// Throws std::overflow_error where no transfer under way ends within kMaxSeconds.
  Time next_end() const override;
  std::span<const MessageId> finish(Time now) override;
  MessageId soon() const override { return soon_; }
  void expect(MessageId message) const override { fetch(message); }
  std::optional<Duration> fixed_duration(Route, uint64_t bytes) const override;
  /// Bytes per second that the message has now: 0 while it waits or where it is not under way.
  double rate(const Transfer&) const;

 private:
  using Phase = FlowState::Phase;
  static constexpr uint32_t kNone = ~uint32_t{0};
  /// Where flows of a kind meet the others.
  struct Place {
    uint32_t site, lane;
  };
  /// How a kind of worker's transfers of one direction go.
  struct Way {
    Place to;
    LinkSpec link;
  };
  struct alignas(64) Ways {
    Way download, upload;
  };
  struct Waiting {
    int64_t key;  // ns at which the latency is over
    FlowId flow;
    uint64_t bytes;
    Place to;
  };
  /// Its latency is over.
  struct Queued {
    MessageId message;
    FlowId flow;
    uint64_t bytes;
    Place to;
  };
  /// It waits for nothing but its turn.
  struct Turn {
    struct Key {
      Time ready;
      MessageId message;
      auto operator<=>(const Key&) const = default;
    } key;
    FlowId flow;
    uint64_t bytes;
    Place to;
  };
  /// In front of a shared link that serves one message after another, in one direction or both.
  struct Gate {
    std::optional<Turn> serving;
    MonotoneQueue<Turn> line;
    size_t stale = 0;  // in the line
  };
  /// A kind of worker's own bandwidth in one direction, where it changes.
  struct OwnTrace {
    Place to;
    const CapacityTrace* trace;
    double weight;
    Time changes = kTimeZero;
  };
  /// A shared link for one direction, or for both.
  struct Resource {
    Capacity capacity;
    std::vector<uint32_t> sites;
    double level = 0.0;  // where it was last: a first guess
    double left = 0.0;   // while solving: capacity not yet given to flows whose rate is settled
    bool settled = false;
  };
  struct Site {
    FlowSite flows;
    std::vector<uint32_t> resources;
    uint32_t component = 0;
    uint32_t gate = kNone;
    double level = 0.0;  // while solving
    bool settled = false;
  };
  /// Sites whose rates may depend on each other.
  struct Component {
    std::vector<uint32_t> sites, resources;
    bool dirty = false;
  };
  void make_sites(const std::vector<SharedLink>& regions, bool weighted);
  void connect(const SharedLink& server, const std::vector<SharedLink>& regions);
  void make_components();
  static size_t site_of(int region, Direction direction) {
    return 2 * static_cast<size_t>(region - WorkerAccess::kWithin) + (direction == Direction::upload);
  }
  void touch(uint32_t component) const;
  [[gnu::always_inline]] void fetch(MessageId message) const {
    __builtin_prefetch(&states_[static_cast<size_t>(message)], 1);
    if (ways_.size() > FlowSite::kCached) __builtin_prefetch(&ways_[workers_.kind(numbers_.node(message))]);
  }
  const Way& way(Route route) const {
    const Ways& kind = ways_[workers_.kind(route.child())];
    return route.direction() == Direction::upload ? kind.upload : kind.download;
  }
  static Direction direction(size_t site) { return site % 2 == 0 ? Direction::download : Direction::upload; }
  void flow(FlowId, Place, uint64_t bytes, Time now);
  uint32_t withdraw(MessageId, Place, Time now);
  bool go(FlowId, Place, uint64_t bytes, Time now);
  bool take_turn(const Turn&, Time now);
  void next_turn(Gate&, Time now);
  void leave_line(Gate&);
  bool enter(FlowId, Place, uint64_t bytes, Time now);
  void change_capacities(Time now);
  void refresh() const;
  void solve(Component&) const;
  double water_level(Resource&) const;
  void set_level(uint32_t site, double level) const;
  Time earliest() const;
  [[noreturn]] void throw_endless() const;

  PerWorker<WorkerAccess> workers_;
  MessageNumbers numbers_;
  RouteQueues<Queued> queues_;
  LargeVector<Ways> ways_;  // of each kind of worker
  LargeVector<FlowState> states_;
  bool any_cancelled_ = false;  // ever
  MonotoneQueue<Waiting> waiting_;
  std::vector<Gate> gates_;
  std::vector<OwnTrace> own_traces_;
  size_t flowing_ = 0, stale_waiting_ = 0;
  Time now_{};
  Time capacities_change_ = Time::max();
  // Rates are solved when they are next needed, not at once: many flows may start at the same instant.
  mutable std::vector<Site> sites_;
  mutable std::vector<Time> site_ends_;  // as the rates were last solved
  mutable std::vector<Resource> resources_;
  mutable std::vector<Component> components_;
  mutable std::vector<uint32_t> dirty_;  // components
  static constexpr Time kUnknown = Time::min();
  mutable Time earliest_ = kUnknown;
  std::vector<MessageId> ended_;
  mutable MessageId soon_ = -1;
};

}  // namespace sim
