#pragma once
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/event.h"
#include "sim/radix_queue.h"

namespace sim {

/// Pending events in total order (time, insertion): a heap of four children a node, 24 bytes an event, for small
/// populations; beyond `kHeapMost` events a radix heap, until it has run empty. The two give the same order.
/// Precondition of push: not before the last popped event; no simulation should schedule its past.
class EventQueue {
 public:
  /// Above this the radix heap is the faster one (docs/performance.md, hold model).
  static constexpr size_t kHeapMost = 4096;

  void push(const Event& event);
  /// Precondition: not empty.
  Event pop();
  /// Precondition: not empty.
  Time next_time() const {
    assert(!empty());
    return radix_.empty() ? heap_.front().event.time : radix_.next_time();
  }
  /// The entity of an event that will probably be popped soon: a hint, for fetching into the cache what its owner
  /// keeps for it. −1 where there are too few of them to matter.
  int64_t soon() const { return radix_.empty() ? -1 : int64_t{radix_.soon()}; }
  bool empty() const { return size() == 0; }
  size_t size() const { return heap_.size() + radix_.size(); }

 private:
  struct Entry {
    Event event;
    uint64_t insertion;
  };
  static bool earlier(const Entry& a, const Entry& b);
  Event pop_heap();
  std::vector<Entry> heap_;
  RadixQueue radix_;  // all events, while there are any in it
  uint64_t insertions_ = 0;
  Time last_popped_{};
};

}  // namespace sim
