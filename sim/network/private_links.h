#pragma once
#include <vector>

#include "sim/network/network.h"

namespace sim {

/// One direction of a link: a transfer takes latency + bytes / bandwidth.
struct LinkSpec {
  Duration latency{0};
  double bytes_per_second = 0.0;  ///< 0 = unlimited
};
struct PrivateLink {
  LinkSpec download;
  LinkSpec upload;
};

/// Every worker has a link of its own to the server; transfers never meet. All-default links are the paper's setting:
/// no time at all.
class PrivateLinks final : public Network {
 public:
  /// Throws std::invalid_argument, naming the worker, on a negative latency or a bandwidth that is negative or not
  /// finite.
  explicit PrivateLinks(std::vector<PrivateLink> links);
  /// Throws std::overflow_error where the transfer takes longer than kMaxSeconds.
  void start(Transfer, uint64_t bytes, Time now) override;
  std::optional<Time> next_end() const override;
  std::vector<Transfer> finish(Time now) override;
  void cancel(Transfer, Time now) override;
  std::optional<Duration> fixed_duration(Transfer, uint64_t bytes) const override;

 private:
  Duration duration(Transfer, uint64_t bytes) const;
  struct Pending {
    Time end;
    Transfer transfer;
  };
  static bool later(const Pending& a, const Pending& b);
  std::vector<PrivateLink> links_;
  std::vector<Pending> pending_;  // a heap, earliest end (then lowest worker) first
};

}  // namespace sim
