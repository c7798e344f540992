#pragma once
#include <vector>

#include "sim/network/link.h"
#include "sim/network/network.h"

namespace sim {

/// Every worker has a link of its own to the server; transfers never meet. All-default links are the paper's setting:
/// no time at all. Memory: 16 bytes a transfer under way, 4 a worker once one has been cancelled.
class PrivateLinks final : public Network {
 public:
  /// One link a worker. Throws std::invalid_argument, naming the worker, on a negative latency or a bandwidth that is
  /// negative or not finite.
  explicit PrivateLinks(std::vector<PrivateLink> links) : PrivateLinks(PerWorker<PrivateLink>(std::move(links))) {}
  /// The same for populations in which many share a kind of link.
  explicit PrivateLinks(PerWorker<PrivateLink> links);
  /// Throws std::overflow_error where the transfer takes longer than kMaxSeconds.
  void start(Transfer, uint64_t bytes, Time now) override;
  void cancel(Transfer, Time now) override;
  std::optional<Time> next_end() const override;
  std::vector<Transfer> finish(Time now) override;
  std::optional<Duration> fixed_duration(Transfer, uint64_t bytes) const override;

 private:
  struct Pending {
    Time end;
    WorkerId worker;
    uint32_t upload : 1;
    uint32_t generation : 31;  // of the worker when the transfer began
  };
  static_assert(sizeof(Pending) == 16);
  static bool later(const Pending& a, const Pending& b);
  uint32_t generation(WorkerId) const;
  bool cancelled(const Pending& pending) const { return pending.generation != generation(pending.worker); }
  void pop();
  void drop_cancelled();
  PerWorker<PrivateLink> links_;
  std::vector<Pending> pending_;       // a heap, earliest end (then lowest worker) first; the first is not cancelled
  std::vector<uint32_t> generations_;  // how often a worker's transfers were cancelled; as long as needed so far
  size_t cancelled_ = 0;               // still in pending_
};

}  // namespace sim
