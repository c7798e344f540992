#pragma once
#include <vector>

#include "sim/network/private_links.h"

namespace sim {

/// All-gather for synchronous rounds: in place of one update from a server every worker receives the messages of the
/// n−1 others, and sums them itself. Over its own link a worker sends b bytes once, and a relay passes them on:
///     upload latency + b / upload bandwidth, then, once all n are there,
///     download latency + (n−1)·b / download bandwidth.
/// A worker's first download is the start, at which there is nothing to gather: it takes its latency alone.
/// Source: SparseLoCo (Sarfi et al. 2025, arXiv:2508.15706). That nobody downloads before all is there is ours.
class AllGather final : public Network {
 public:
  /// Throws std::invalid_argument unless workers ≥ 1 and their links are sound.
  AllGather(PerWorker<PrivateLink> links, size_t workers, MessageNumbers numbers = {});
  /// Of a download `bytes` are those of one message. Throws as PrivateLinks does.
  void start(const Transfer&, uint64_t bytes, Time now) override;
  void cancel(const Transfer& transfer, Time now) override { links_.cancel(transfer, now); }
  Time next_end() const override { return links_.next_end(); }
  std::span<const MessageId> finish(Time now) override { return links_.finish(now); }
  MessageId soon() const override { return links_.soon(); }
  /// Of a download that is not the worker's first.
  std::optional<Duration> fixed_duration(Route route, uint64_t bytes) const override {
    return links_.fixed_duration(route, wire_bytes(route, bytes));
  }
  /// b up and (n−1)·b down.
  uint64_t wire_bytes(Route, uint64_t bytes) const override;

 private:
  PrivateLinks links_;
  std::vector<bool> begun_;  // whether the worker has the starting model
};

}  // namespace sim
