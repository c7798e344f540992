#pragma once
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace sim {

/// A priority queue, smallest `key` first, for entries that mostly come in rising order: those wait in a line, at O(1)
/// each; only the others in a heap.
template <class Entry>
class MonotoneQueue {
 public:
  bool empty() const { return in_line_ == 0 && heap_.empty(); }
  size_t size() const { return in_line_ + heap_.size(); }

  void push(const Entry& entry) {
    if (in_line_ == 0 || !(entry.key < at(in_line_ - 1).key)) {
      if (in_line_ == places_) grow();
      at(in_line_++) = entry;
    } else {
      heap_.push_back(entry);
      std::push_heap(heap_.begin(), heap_.end(), later);
    }
  }

  /// Precondition: not empty.
  const Entry& front() const {
    assert(!empty());
    return front_in_line() ? at(0) : heap_.front();
  }
  /// Precondition: not empty.
  void pop() {
    assert(!empty());
    if (front_in_line()) {
      drop_first();
    } else {
      std::pop_heap(heap_.begin(), heap_.end(), later);
      heap_.pop_back();
    }
  }
  /// An entry that will soon be the first, if no others come: for fetching into the cache what belongs to it.
  const Entry* soon() const { return in_line_ > kSoon ? &at(kSoon) : nullptr; }

  template <class Predicate>
  void remove_if(Predicate gone) {
    size_t kept = 0;
    for (size_t i = 0; i < in_line_; ++i)
      if (!gone(at(i))) at(kept++) = at(i);
    in_line_ = kept;
    std::erase_if(heap_, gone);
    std::make_heap(heap_.begin(), heap_.end(), later);
  }

  /// Lowers every key by `amount`, which keeps their order.
  template <class Key>
  void lower_keys(Key amount) {
    for (size_t i = 0; i < in_line_; ++i) at(i).key -= amount;
    for (Entry& entry : heap_) entry.key -= amount;
  }

 private:
  static constexpr size_t kSoon = 4;
  static bool later(const Entry& a, const Entry& b) { return b.key < a.key; }
  bool front_in_line() const { return heap_.empty() || (in_line_ > 0 && !later(at(0), heap_.front())); }
  Entry& at(size_t i) const { return line_[(head_ + i) & (places_ - 1)]; }
  void drop_first() {
    head_ = (head_ + 1) & (places_ - 1);
    --in_line_;
  }
  void grow() {
    const size_t places = places_ == 0 ? 16 : 2 * places_;
    auto line = std::make_unique_for_overwrite<Entry[]>(places);
    for (size_t i = 0; i < in_line_; ++i) line[i] = at(i);
    line_ = std::move(line);
    places_ = places;
    head_ = 0;
  }
  std::unique_ptr<Entry[]> line_;  // a ring: rising from head_ on
  size_t places_ = 0;              // in the ring, a power of two
  size_t head_ = 0, in_line_ = 0;
  std::vector<Entry> heap_;
};

}  // namespace sim
