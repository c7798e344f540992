#pragma once
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <vector>

namespace sim {

/// A priority queue, smallest `key` first, for entries that mostly come in rising order: those wait in a line, at O(1)
/// each; only the others in a heap.
template <class Entry>
class MonotoneQueue {
 public:
  bool empty() const { return head_ == line_.size() && heap_.empty(); }
  size_t size() const { return line_.size() - head_ + heap_.size(); }

  void push(const Entry& entry) {
    if (head_ == line_.size() || !(entry.key < line_.back().key)) {
      if (head_ == line_.size() || (head_ > 256 && 2 * head_ > line_.size())) {  // the space of those gone
        line_.erase(line_.begin(), line_.begin() + static_cast<std::ptrdiff_t>(head_));
        head_ = 0;
      }
      line_.push_back(entry);
    } else {
      heap_.push_back(entry);
      std::push_heap(heap_.begin(), heap_.end(), later);
    }
  }

  /// Precondition: not empty.
  const Entry& front() const {
    assert(!empty());
    return front_in_line() ? line_[head_] : heap_.front();
  }
  /// Precondition: not empty.
  void pop() {
    assert(!empty());
    if (front_in_line()) {
      ++head_;
    } else {
      std::pop_heap(heap_.begin(), heap_.end(), later);
      heap_.pop_back();
    }
  }

  template <class Predicate>
  void remove_if(Predicate gone) {
    line_.erase(line_.begin(), line_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
    std::erase_if(line_, gone);
    std::erase_if(heap_, gone);
    std::make_heap(heap_.begin(), heap_.end(), later);
  }

  /// Lowers every key by `amount`, which keeps their order.
  template <class Key>
  void lower_keys(Key amount) {
    for (size_t i = head_; i < line_.size(); ++i) line_[i].key -= amount;
    for (Entry& entry : heap_) entry.key -= amount;
  }

 private:
  static bool later(const Entry& a, const Entry& b) { return b.key < a.key; }
  bool front_in_line() const { return head_ < line_.size() && (heap_.empty() || !later(line_[head_], heap_.front())); }
  std::vector<Entry> line_;  // from head_ on, rising
  size_t head_ = 0;
  std::vector<Entry> heap_;
};

}  // namespace sim
