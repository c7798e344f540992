#include "sim/event_queue.h"

#include <algorithm>
#include <cassert>

namespace sim {

// Four children a node: half the levels of a binary heap, and a node's children share two cache lines.
constexpr size_t kChildren = 4;

bool EventQueue::earlier(const Entry& a, const Entry& b) {
  return a.event.time != b.event.time ? a.event.time < b.event.time : a.insertion < b.insertion;
}

Event EventQueue::pop_heap() {
  const Event first = heap_.front().event;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (heap_.empty()) return first;
  size_t hole = 0;
  for (size_t child; (child = kChildren * hole + 1) < heap_.size();) {
    const size_t end = std::min(child + kChildren, heap_.size());
    size_t best = child;
    while (++child < end)
      if (earlier(heap_[child], heap_[best])) best = child;
    if (!earlier(heap_[best], last)) break;
    heap_[hole] = heap_[best];
    hole = best;
  }
  heap_[hole] = last;
  return first;
}

void EventQueue::push(const Event& event) {
  assert(event.time >= last_popped_);
  if (!radix_.empty()) {
    radix_.push(event);
    return;
  }
  if (heap_.size() == kHeapMost) {
    while (!heap_.empty()) radix_.push(pop_heap());
    radix_.push(event);
    return;
  }
  const Entry entry{event, insertions_++};
  size_t hole = heap_.size();
  heap_.push_back(entry);
  for (size_t parent; hole > 0 && earlier(entry, heap_[parent = (hole - 1) / kChildren]); hole = parent)
    heap_[hole] = heap_[parent];
  heap_[hole] = entry;
}

Event EventQueue::pop() {
  assert(!empty());
  const Event first = radix_.empty() ? pop_heap() : radix_.pop();
  last_popped_ = first.time;
  return first;
}

}  // namespace sim
