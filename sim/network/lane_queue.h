#pragma once
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "sim/network/monotone_queue.h"

namespace sim {

/// A MonotoneQueue that keeps its first entry in itself, and memory for others only once there has been one: for a
/// million queues of one.
template <class Entry>
class LaneQueue {
 public:
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  void push(Entry entry) {
    if (size_++ == 0) {
      first_ = entry;
      return;
    }
    if (entry.key < first_.key) std::swap(entry, first_);
    if (!others_) others_ = std::make_unique<MonotoneQueue<Entry>>();
    others_->push(entry);
  }
  /// Precondition: not empty.
  const Entry& front() const {
    assert(!empty());
    return first_;
  }
  /// Precondition: not empty.
  void pop() {
    assert(!empty());
    if (--size_ == 0) return;
    first_ = others_->front();
    others_->pop();
  }
  /// As MonotoneQueue::soon().
  const Entry* soon() const { return size_ > 1 ? others_->soon() : nullptr; }

  /// Precondition: there has been a second entry.
  template <class Predicate>
  void remove_if(Predicate gone) {
    others_->remove_if(gone);
    size_ = static_cast<uint32_t>(1 + others_->size());
    if (gone(first_)) pop();
  }
  /// Lowers every key by `amount`, which keeps their order.
  template <class Key>
  void lower_keys(Key amount) {
    first_.key -= amount;
    if (size_ > 1) others_->lower_keys(amount);
  }

 private:
  Entry first_;
  std::unique_ptr<MonotoneQueue<Entry>> others_;
  uint32_t size_ = 0;
};

}  // namespace sim
