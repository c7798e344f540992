#pragma once
#include <vector>

#include "sim/network/link.h"
#include "sim/network/monotone_queue.h"
#include "sim/network/network.h"
#include "sim/network/route_queues.h"

namespace sim {

/// Every node has a link of its own to its parent; only messages of one route meet, and pass one after another: the
/// later one's latency counts from its own start. All-default links are the paper's setting: no time at all. Transfers
/// of a kind mostly end in the order of their starts, so they wait in a few lines at O(1) each. On a link with a trace
/// bytes flow at the bandwidth of each moment. Memory: 16 bytes per
/// transfer in flight, plus 4 per message after the first cancellation.
class PrivateLinks final : public Network {
 public:
  /// One link per node. Throws std::invalid_argument, naming the worker, on a negative latency or a bandwidth that is
  /// negative or not finite.
  explicit PrivateLinks(std::vector<PrivateLink> links) : PrivateLinks(PerWorker<PrivateLink>(std::move(links))) {}
  /// The same for populations in which many share a kind of link. With more fragments than one a node may have several
  /// messages under way: `nodes` nodes then.
  explicit PrivateLinks(PerWorker<PrivateLink> links, MessageNumbers numbers = {}, size_t nodes = 0);
  /// Throws std::overflow_error where the transfer takes longer than kMaxSeconds.
  void start(const Transfer&, uint64_t bytes, Time now) override;
  void cancel(const Transfer&, Time now) override;
  Time next_end() const override { return first_; }
  std::span<const MessageId> finish(Time now) override;
  MessageId soon() const override { return soon_; }
  std::optional<Duration> fixed_duration(Route, uint64_t bytes) const override;

 private:
  struct Pending {
    Time key;  // its end
    MessageId message;
    uint32_t generation;  // of the message when the transfer began
  };
  static_assert(sizeof(Pending) == 16);
  /// Transfers of one direction, of one kind of link or a few.
  struct Line {
    MonotoneQueue<Pending> pending;  // the first is not cancelled
    size_t cancelled = 0;            // still in it
    // How long the line's latest transfer took: mostly the next one's answer too.
    size_t kind = 0;
    uint64_t bytes = 0;
    Duration span{-1};
  };
  struct Queued {
    MessageId message;
    uint64_t bytes;
    Time started;
  };
  size_t line(NodeId child, Direction direction) const {
    const size_t kind = links_.kind(child);
    return 2 * (kind < kinds_ ? kind : kind % kinds_) + (direction == Direction::upload);
  }
  void begin(NodeId child, Direction, MessageId, uint64_t bytes, Time from);
  /// After the route's first message has gone.
  void begin_next(Direction, const Queued& next, Time now);
  uint32_t generation(MessageId) const;
  void drop_cancelled(Line&);
  static Time first_of(const Line& line) { return line.pending.empty() ? Time::max() : line.pending.front().key; }
  PerWorker<PrivateLink> links_;
  MessageNumbers numbers_;
  RouteQueues<Queued> queues_;
  size_t kinds_;  // that have lines of their own
  std::vector<Line> lines_;
  std::vector<Time> ends_;    // of each line the first; Time::max() where it is empty
  Time first_ = Time::max();  // of all
  std::vector<MessageId> ended_;
  MessageId soon_ = -1;
  std::vector<uint32_t> generations_;  // how often a message was cancelled; as long as needed so far
};

}  // namespace sim
