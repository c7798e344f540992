#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/event.h"

namespace sim {

/// Pending events in total order (time, insertion) for huge populations: a monotone radix heap. An event lies in the
/// bucket of the highest hexadecimal digit in which its time differs from the last popped one's, and of that digit's
/// value. Popping empties the lowest bucket into the ones below it, all empty then. So an event moves at most once a
/// digit instead of sifting through the levels of a large heap, and events of the same time keep their order without a
/// number to tell them apart: 16 bytes an event, in chunks that buckets hand to one another.
/// Source: Ahuja, Mehlhorn, Orlin & Tarjan 1990, "Faster algorithms for the shortest path problem", with digits for
/// bits.
class RadixQueue {
 public:
  /// Precondition: not before the last popped event, and not before Time{}.
  void push(const Event& event);
  /// Precondition: not empty.
  Event pop();
  /// Precondition: not empty.
  Time next_time() const;
  /// The entity of one of the next events, as far as that is known at no cost. Precondition: not empty.
  uint32_t soon() const;
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  /// Bytes held for events, chunks that wait for reuse included.
  size_t bytes() const { return blocks_.size() * kBlockChunks * sizeof(Chunk); }

 private:
  static constexpr int kDigitBits = 6;
  static constexpr int kDigits = 1 << kDigitBits;
  static constexpr int kLevels = (64 + kDigitBits - 1) / kDigitBits;
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr uint32_t kChunkEvents = 31;
  static constexpr uint32_t kBlockChunks = 256;
  static constexpr uint64_t kUnknown = UINT64_MAX;
  struct Chunk {
    std::array<Event, kChunkEvents> events;
    uint32_t next;
    uint32_t count;
  };
  /// Events in order of insertion: a list of chunks.
  struct Bucket {
    uint32_t first = kNone, last = kNone;
    uint64_t earliest = kUnknown;  // key
  };

  static uint64_t key(Time time) { return static_cast<uint64_t>(time.time_since_epoch().count()); }
  Chunk& chunk(uint32_t id) const { return blocks_[id / kBlockChunks][id % kBlockChunks]; }
  uint32_t take_chunk();
  void free_chunk(uint32_t id);
  void append(Bucket& bucket, const Event& event);
  void place(const Event& event);
  uint64_t earliest() const;
  void refill();

  std::array<std::array<Bucket, kDigits>, kLevels> buckets_{};
  std::array<uint64_t, kLevels> occupied_{};  // a bit for each digit with events
  uint32_t levels_ = 0;                       // a bit for each level with events
  Bucket ready_;                              // events at exactly last_
  uint32_t position_ = 0;                     // of the next one in ready_'s first chunk
  std::vector<std::unique_ptr<Chunk[]>> blocks_;
  uint32_t free_ = kNone;
  uint64_t last_ = 0;                     // time of the last popped event
  mutable uint64_t earliest_ = kUnknown;  // of all events, where it is known
  size_t size_ = 0;
};

}  // namespace sim
