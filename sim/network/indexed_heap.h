#pragma once
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace sim {

/// A binary heap over ids 0 … n − 1 whose keys can be changed and removed: smallest key, then smallest id, on top.
template <class Key>
class IndexedHeap {
 public:
  explicit IndexedHeap(size_t ids) : place_(ids, kNone) {}
  bool empty() const { return heap_.empty(); }
  uint32_t top() const { return heap_.front().id; }
  Key top_key() const { return heap_.front().key; }

  /// Inserts the id or changes its key.
  void set(uint32_t id, Key key) {
    if (place_[id] == kNone) {
      heap_.push_back({key, id});
      up(heap_.size() - 1, {key, id});
    } else {
      place({key, id}, place_[id]);
    }
  }
  /// No effect where the id is not in the heap.
  void erase(uint32_t id) {
    const uint32_t hole = place_[id];
    if (hole == kNone) return;
    place_[id] = kNone;
    const Item last = heap_.back();
    heap_.pop_back();
    if (hole < heap_.size()) place(last, hole);
  }
  /// Lowers every key by `amount`, which keeps their order; calls f(id) for each.
  template <class F>
  void lower_keys(Key amount, F&& f) {
    for (Item& item : heap_) {
      item.key -= amount;
      f(item.id);
    }
  }

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};
  struct Item {
    Key key;
    uint32_t id;
  };
  static bool before(const Item& a, const Item& b) { return a.key != b.key ? a.key < b.key : a.id < b.id; }
  void put(const Item& item, size_t i) {
    heap_[i] = item;
    place_[item.id] = static_cast<uint32_t>(i);
  }
  void place(const Item& item, size_t i) {
    if (i > 0 && before(item, heap_[(i - 1) / 2]))
      up(i, item);
    else
      down(i, item);
  }
  void up(size_t i, const Item& item) {
    for (; i > 0 && before(item, heap_[(i - 1) / 2]); i = (i - 1) / 2) put(heap_[(i - 1) / 2], i);
    put(item, i);
  }
  void down(size_t i, const Item& item) {
    for (;;) {
      size_t child = 2 * i + 1;
      if (child >= heap_.size()) break;
      if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
      if (!before(heap_[child], item)) break;
      put(heap_[child], i);
      i = child;
    }
    put(item, i);
  }
  std::vector<Item> heap_;
  std::vector<uint32_t> place_;  // of each id in heap_
};

}  // namespace sim
