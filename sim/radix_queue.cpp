#include "sim/radix_queue.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

namespace sim {

uint32_t RadixQueue::take_chunk() {
  if (free_ == kNone) {
    const uint32_t first = static_cast<uint32_t>(blocks_.size()) * kBlockChunks;
    blocks_.push_back(std::make_unique_for_overwrite<Chunk[]>(kBlockChunks));
    for (uint32_t i = 0; i < kBlockChunks; ++i) blocks_.back()[i].next = i + 1 < kBlockChunks ? first + i + 1 : kNone;
    free_ = first;
  }
  const uint32_t id = free_;
  Chunk& taken = chunk(id);
  free_ = taken.next;
  taken.next = kNone;
  taken.count = 0;
  return id;
}

void RadixQueue::free_chunk(uint32_t id) {
  chunk(id).next = free_;
  free_ = id;
}

void RadixQueue::append(Bucket& bucket, const Event& event) {
  if (bucket.last == kNone || chunk(bucket.last).count == kChunkEvents) {
    const uint32_t id = take_chunk();
    (bucket.last == kNone ? bucket.first : chunk(bucket.last).next) = id;
    bucket.last = id;
  }
  Chunk& to = chunk(bucket.last);
  to.events[to.count++] = event;
}

void RadixQueue::place(const Event& event) {
  const uint64_t differing = key(event.time) ^ last_;
  if (differing == 0) {
    append(ready_, event);
    return;
  }
  const int level = (63 - std::countl_zero(differing)) / kDigitBits;
  const uint64_t digit = key(event.time) >> (level * kDigitBits) & (kDigits - 1);
  Bucket& bucket = buckets_[level][digit];
  append(bucket, event);
  bucket.earliest = std::min(bucket.earliest, key(event.time));
  occupied_[level] |= uint64_t{1} << digit;
  levels_ |= 1u << level;
}

void RadixQueue::push(const Event& event) {
  assert(event.time >= Time{} && key(event.time) >= last_);
  if (size_++ == 0 || earliest_ != kUnknown)
    earliest_ = size_ == 1 ? key(event.time) : std::min(earliest_, key(event.time));
  place(event);
}

uint64_t RadixQueue::earliest() const {
  if (earliest_ != kUnknown) return earliest_;
  if (ready_.first != kNone) return earliest_ = last_;
  const int level = std::countr_zero(levels_);
  return earliest_ = buckets_[level][std::countr_zero(occupied_[level])].earliest;
}

Time RadixQueue::next_time() const {
  assert(size_ > 0);
  return Time{Duration{static_cast<int64_t>(earliest())}};
}

uint32_t RadixQueue::soon() const {
  if (ready_.first != kNone) return chunk(ready_.first).events[position_].entity;
  const int level = std::countr_zero(levels_);
  return chunk(buckets_[level][std::countr_zero(occupied_[level])].first).events[0].entity;
}

void RadixQueue::refill() {
  const int level = std::countr_zero(levels_);
  const int digit = std::countr_zero(occupied_[level]);
  last_ = earliest();
  Bucket bucket = std::exchange(buckets_[level][digit], {});
  occupied_[level] &= ~(uint64_t{1} << digit);
  if (occupied_[level] == 0) levels_ &= ~(1u << level);
  if (level == 0 || (bucket.first == bucket.last && chunk(bucket.first).count == 1)) {  // all at last_
    ready_ = bucket;
    return;
  }
  for (uint32_t id = bucket.first; id != kNone;) {
    const Chunk& from = chunk(id);
    if (from.next != kNone)
      for (size_t line = 0; line < sizeof(Chunk); line += 64)
        __builtin_prefetch(reinterpret_cast<const char*>(&chunk(from.next)) + line);
    for (uint32_t i = 0; i < from.count; ++i) place(from.events[i]);
    free_chunk(std::exchange(id, from.next));
  }
}

Event RadixQueue::pop() {
  assert(size_ > 0);
  if (ready_.first == kNone) {
    refill();
    position_ = 0;
  }
  const Chunk& from = chunk(ready_.first);
  const Event event = from.events[position_++];
  if (position_ == from.count) {
    const uint32_t next = from.next;
    free_chunk(ready_.first);
    ready_.first = next;
    if (next == kNone) ready_.last = kNone;
    position_ = 0;
  }
  --size_;
  earliest_ = ready_.first != kNone ? last_ : kUnknown;
  return event;
}

}  // namespace sim
