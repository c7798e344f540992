#pragma once
#include <vector>

#include "sim/network/link.h"
#include "sim/network/network.h"

namespace sim {

/// Ring all-reduce for synchronous rounds: an upload waits until all n workers have started theirs; then all end
/// together after 2 (n−1) steps, in each of which every worker passes 1/n of the bytes to its neighbour:
///     2 (n−1)/n · bytes / slowest bandwidth + 2 (n−1) · largest latency of a hop.
/// A hop leaves by the sender's upload link and comes in by the receiver's download link; its latency is the sum of
/// theirs, workers being arranged in their order. Everyone then has the mean, so downloads take no time.
/// Source: Patarasuk & Yuan 2009, "Bandwidth optimal all-reduce algorithms for clusters of workstations".
class RingAllReduce final : public Network {
 public:
  /// Throws std::invalid_argument unless workers ≥ 1 and their links are sound.
  RingAllReduce(const PerWorker<PrivateLink>& links, size_t workers);
  /// Throws std::overflow_error where the reduction takes longer than kMaxSeconds.
  void start(Transfer, uint64_t bytes, Time now) override;
  /// A worker that takes back its upload is waited for again; once the reduction is under way the others end as if it
  /// had stayed.
  void cancel(Transfer, Time now) override;
  Time next_end() const override;
  std::span<const Transfer> finish(Time now) override;
  /// Of a download: none. Of an upload: empty, unless the worker is alone.
  std::optional<Duration> fixed_duration(Transfer, uint64_t bytes) const override;
  /// 2 (n−1)/n · bytes, rounded up: what a worker sends, and receives, in one reduction.
  uint64_t wire_bytes(Transfer, uint64_t bytes) const override;
  /// Of a whole reduction.
  Duration duration(uint64_t bytes) const;

 private:
  size_t workers_;
  double slowest_ = 0.0;  // bytes per second; 0: unlimited
  Duration hop_{0};
  std::vector<WorkerId> downloads_;  // all end when they start
  Time downloads_end_{};
  std::vector<WorkerId> gathered_;
  uint64_t largest_ = 0;         // bytes of an upload so far
  std::optional<Time> reduced_;  // when the reduction under way ends
  std::vector<Transfer> ended_;
};

}  // namespace sim
