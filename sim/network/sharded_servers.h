#pragma once
#include <set>
#include <utility>
#include <vector>

#include "sim/network/network.h"
#include "sim/network/route_queues.h"
#include "sim/network/shared_link.h"

namespace sim {

/// A sharded parameter server: each of S servers holds an equal part of the model, behind a link of its own. A message
/// is S parts, which begin to flow together, share its worker's own link and its region's, and each pass their
/// server's; it ends with its last part. Of bytes that S does not divide the first servers have one more. Otherwise as
/// SharedLinks, but for links that serve one after another. Rates are solved part by part, at every start and end: with
/// W messages under way an event costs O(S·W·log W), so this is for thousands of workers, not for a million.
class ShardedServers final : public Network {
 public:
  /// Throws std::invalid_argument where SharedLinks does, without a server and on a link that serves one message after
  /// another.
  ShardedServers(const std::vector<SharedLink>& servers, const std::vector<SharedLink>& regions,
                 PerWorker<WorkerAccess> workers, size_t nodes, MessageNumbers numbers = {});
  ShardedServers(const ShardedServers&) = delete;
  ShardedServers& operator=(const ShardedServers&) = delete;
  void start(const Transfer&, uint64_t bytes, Time now) override;
  void cancel(const Transfer&, Time now) override;
  /// Throws std::overflow_error where no part under way ends within kMaxSeconds.
  Time next_end() const override;
  std::span<const MessageId> finish(Time now) override;
  std::optional<Duration> fixed_duration(Route, uint64_t) const override { return std::nullopt; }

 private:
  struct Link {
    Capacity capacity;
    // While solving:
    double left = 0.0;  // capacity not yet given away
    double weight = 0.0;
    std::vector<uint32_t> parts;
    size_t rising = 0;  // of them
  };
  struct Part {
    MessageId message;
    double weight;
    std::vector<uint32_t> links;
    double bytes;  // left
    double rate = 0.0;
    Time end = Time::max();
  };
  struct Message {
    Transfer transfer{};
    uint64_t bytes = 0;
    Time ready{};     // when its latency is over
    size_t left = 0;  // parts under way
  };
  static constexpr uint32_t kNone = ~uint32_t{0};
  std::vector<uint32_t> add_links(const SharedLink&);
  uint32_t add_link(std::optional<Capacity>);
  Message& message(MessageId m) { return messages_[static_cast<size_t>(m)]; }
  void enter(MessageId);
  void flow(MessageId);
  void advance_to(Time now);
  void change_capacities();
  void solve() const;

  PerWorker<WorkerAccess> workers_;
  MessageNumbers numbers_;
  bool weighted_;
  struct Queued {
    MessageId message;
  };
  RouteQueues<Queued> queues_;
  // Indices of links, kNone where unlimited: a download's, then an upload's.
  std::vector<std::vector<uint32_t>> servers_, regions_;
  std::vector<uint32_t> own_;  // two of each node
  std::vector<Message> messages_;
  std::set<std::pair<Time, MessageId>> waiting_;  // until their latency is over
  Time now_{};
  Time capacities_change_ = Time::max();
  // Solved when next needed: many messages may start at one instant.
  mutable std::vector<Link> links_;
  mutable std::vector<Part> parts_;
  mutable bool dirty_ = false;
  mutable Time first_end_ = Time::max();
  std::vector<MessageId> ended_;
};

}  // namespace sim
