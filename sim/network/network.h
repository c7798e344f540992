#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

#include "sim/units.h"

namespace sim {

enum class Direction : uint8_t { download, upload };

/// From a node to its parent, or from the parent to it.
struct Route {
  NodeId from, to;
  NodeId child() const { return std::min(from, to); }
  Direction direction() const { return from < to ? Direction::upload : Direction::download; }
};

struct Transfer {
  MessageId message;
  Route route;
};

/// Moves models and pseudo-gradients between nodes. Any number of messages may be under way at once; those of one route
/// use it one after another, in the order of their starts. Which ends next may change whenever another starts or ends,
/// so the owner asks for the next end and then advances to it. Preconditions: `now` is not before any earlier call's,
/// and not after next_end(); a message is started once until it has ended or is cancelled.
class Network {
 public:
  virtual ~Network() = default;
  virtual void start(const Transfer&, uint64_t bytes, Time now) = 0;
  /// Ends a transfer under way before its time: its bytes are lost, and what it used is free for others from `now` on.
  virtual void cancel(const Transfer&, Time now) = 0;
  /// The instant at which finish() is to be called next: the first end, or earlier where something inside may move that
  /// end (a latency is over, a capacity changes). Time::max() when no transfer is under way or none can end by itself.
  virtual Time next_end() const = 0;
  /// Removes and returns the messages that end at `now`, in ascending order; possibly none. Valid until the next call
  /// of finish().
  virtual std::span<const MessageId> finish(Time now) = 0;
  /// After next_end(): a message that will probably end soon, −1 where that is not known at no cost. Only a hint, for
  /// fetching into the cache what its owner keeps for it: with a million workers, waiting for that cache line is a
  /// third of an event's cost.
  virtual MessageId soon() const { return -1; }
  /// The owner's hint in return: this message will start soon.
  virtual void expect(MessageId) const {}
  /// How long such a transfer takes alone on its route, where that does not depend on other routes; otherwise empty.
  virtual std::optional<Duration> fixed_duration(Route, uint64_t bytes) const = 0;
  /// Whether no upload ends before all workers have started theirs.
  virtual bool gathers() const { return false; }
  /// What the child's own link carries for a message of `bytes`: more than those where the topology has it pass on
  /// others' data.
  virtual uint64_t wire_bytes(Route, uint64_t bytes) const { return bytes; }
};

}  // namespace sim
