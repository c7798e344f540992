#pragma once
#include <vector>

#include "sim/network/link.h"
#include "sim/network/network.h"

namespace sim {

/// Ring all-reduce for synchronous rounds: an upload waits until all n workers have started theirs; then all end
/// together after 2 (n−1) steps, in each of which every worker passes 1/n of the bytes to its neighbour:
///     2 (n−1)/n · bytes / slowest bandwidth + 2 (n−1) · largest latency of a hop.
/// A hop leaves by the sender's upload link and comes in by the receiver's download link; its latency is the sum of
/// theirs, workers being arranged in their order. Everyone then has the mean, so downloads take no time. Each fragment
/// has a reduction of its own; the ring does one after another, in the order in which they were complete.
/// Source: Patarasuk & Yuan 2009, "Bandwidth optimal all-reduce algorithms for clusters of workstations".
class RingAllReduce final : public Network {
 public:
  /// Throws std::invalid_argument unless workers ≥ 1 and their links are sound and without traces. Precondition:
  /// without rates.
  RingAllReduce(const PerWorker<PrivateLink>& links, size_t workers, MessageNumbers numbers = {});
  /// Throws std::overflow_error where the reduction takes longer than kMaxSeconds.
  void start(const Transfer&, uint64_t bytes, Time now) override;
  /// A worker that takes back its upload is waited for again; once the reduction is under way the others end as if it
  /// had stayed.
  void cancel(const Transfer&, Time now) override;
  Time next_end() const override;
  std::span<const MessageId> finish(Time now) override;
  /// Of a download: none. Of an upload: empty, unless the worker is alone.
  std::optional<Duration> fixed_duration(Route, uint64_t bytes) const override;
  bool gathers() const override { return true; }
  /// 2 (n−1)/n · bytes, rounded up: what a worker sends, and receives, in one reduction.
  uint64_t wire_bytes(Route, uint64_t bytes) const override;
  /// Of a whole reduction.
  Duration duration(uint64_t bytes) const;

 private:
  size_t workers_;
  double slowest_ = 0.0;  // bytes per second; 0: unlimited
  Duration hop_{0};
  /// Of a fragment.
  struct Reduction {
    std::vector<MessageId> gathered;
    uint64_t largest = 0;         // bytes of an upload so far
    std::optional<Time> reduced;  // when it ends, once all are there
  };
  Reduction& reduction_of(MessageId message) { return reductions_[static_cast<size_t>(numbers_.fragment(message))]; }
  std::vector<MessageId> downloads_;  // all end when they start
  Time downloads_end_{};
  MessageNumbers numbers_;
  std::vector<Reduction> reductions_;  // one per fragment
  Time free_{};                        // when the reductions under way have ended
  std::vector<MessageId> ended_;
};

}  // namespace sim
