#pragma once
#include <vector>

#include "sim/network/link.h"
#include "sim/network/monotone_queue.h"
#include "sim/network/network.h"

namespace sim {

/// Every worker has a link of its own to the server; transfers never meet. All-default links are the paper's setting:
/// no time at all. Transfers of a kind mostly end in the order of their starts, so they wait in a few lines at O(1)
/// each. Memory: 16 bytes a transfer under way, 4 a worker once one has been cancelled.
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
  Time next_end() const override { return first_; }
  std::span<const Transfer> finish(Time now) override;
  std::optional<Duration> fixed_duration(Transfer, uint64_t bytes) const override;

 private:
  struct Pending {
    Time key;  // its end
    WorkerId worker;
    uint32_t generation;  // of the worker when the transfer began
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
  size_t line(Transfer transfer) const {
    const size_t kind = links_.kind(transfer.worker);
    return 2 * (kind < kinds_ ? kind : kind % kinds_) + (transfer.direction == Direction::upload);
  }
  uint32_t generation(WorkerId) const;
  void drop_cancelled(Line&);
  static Time first_of(const Line& line) { return line.pending.empty() ? Time::max() : line.pending.front().key; }
  PerWorker<PrivateLink> links_;
  size_t kinds_;  // that have lines of their own
  std::vector<Line> lines_;
  std::vector<Time> ends_;    // of each line the first; Time::max() where it is empty
  Time first_ = Time::max();  // of all
  std::vector<Transfer> ended_;
  std::vector<uint32_t> generations_;  // how often a worker's transfers were cancelled; as long as needed so far
};

}  // namespace sim
