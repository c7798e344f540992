#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/units.h"

namespace sim {

enum class Direction : uint8_t { download, upload };

struct Transfer {
  WorkerId worker;
  Direction direction;
};

/// Moves models and pseudo-gradients between workers and server. A worker has at most one transfer under way. Which
/// transfer ends next may change whenever another starts or ends, so the owner asks for the next end and then advances
/// to it.
class Network {
 public:
  virtual ~Network() = default;
  /// Precondition: `now` is not before any earlier call's.
  virtual void start(Transfer, uint64_t bytes, Time now) = 0;
  /// End of the transfer that ends first, if any is under way.
  virtual std::optional<Time> next_end() const = 0;
  /// Removes and returns the transfers that end at `now` = next_end(), in worker order.
  virtual std::vector<Transfer> finish(Time now) = 0;
  /// Aborts a transfer under way: its worker is gone.
  virtual void cancel(Transfer, Time now) = 0;
  /// How long such a transfer takes, where that does not depend on the other transfers; otherwise empty.
  virtual std::optional<Duration> fixed_duration(Transfer, uint64_t bytes) const = 0;
};

}  // namespace sim
