#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "sim/units.h"

namespace sim {

enum class Direction : uint8_t { download, upload };

struct Transfer {
  WorkerId worker;
  Direction direction;
};

/// Moves models and pseudo-gradients between workers and server. A worker has at most one transfer under way. Which
/// transfer ends next may change whenever another starts or ends, so the owner asks for the next end and then advances
/// to it. Preconditions: `now` is not before any earlier call's, and not after next_end().
class Network {
 public:
  virtual ~Network() = default;
  virtual void start(Transfer, uint64_t bytes, Time now) = 0;
  /// Ends a transfer under way before its time: its bytes are lost, and what it used is free for others from `now` on.
  virtual void cancel(Transfer, Time now) = 0;
  /// The instant at which finish() is to be called next: the first end, or earlier where something inside may move that
  /// end (a latency is over, a capacity changes). Time::max() when no transfer is under way or none can end by itself.
  virtual Time next_end() const = 0;
  /// Removes and returns the transfers that end at `now`, in worker order; possibly none. Valid until the next call of
  /// finish().
  virtual std::span<const Transfer> finish(Time now) = 0;
  /// After next_end(): a worker whose transfer will probably end soon, −1 where that is not known at no cost. Only a
  /// hint, for fetching into the cache what its owner keeps for it: among a million workers that wait is a third of an
  /// event.
  WorkerId soon() const { return soon_; }
  /// The owner's hint in return: a transfer of the worker will start soon.
  virtual void expect(WorkerId) const {}
  /// How long such a transfer takes, where that does not depend on the other transfers; otherwise empty.
  virtual std::optional<Duration> fixed_duration(Transfer, uint64_t bytes) const = 0;
  /// What the worker's own link carries for a message of `bytes`: more than those where the topology has it pass on
  /// others' data.
  virtual uint64_t wire_bytes(Transfer, uint64_t bytes) const { return bytes; }

 protected:
  mutable WorkerId soon_ = -1;
};

}  // namespace sim
