#include "sim/event_queue.h"

#include <algorithm>
#include <cassert>

namespace sim {

// One 128-bit comparison, so no branch: its outcome cannot be predicted, and a wrong guess costs more than the
// comparison.
bool EventQueue::later(const Entry& a, const Entry& b) {
  __extension__ using Wide = __int128;
  const auto key = [](const Entry& e) { return Wide{e.event.time.time_since_epoch().count()} << 64 | e.insertion; };
  return key(a) > key(b);
}

void EventQueue::push(const Event& event) {
  assert(event.time >= last_popped_);
  heap_.push_back({event, insertions_++});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

Event EventQueue::pop() {
  assert(!heap_.empty());
  std::pop_heap(heap_.begin(), heap_.end(), later);
  const Event first = heap_.back().event;
  heap_.pop_back();
  last_popped_ = first.time;
  return first;
}

Time EventQueue::next_time() const {
  assert(!heap_.empty());
  return heap_.front().event.time;
}

}  // namespace sim
