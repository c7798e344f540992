#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace models {

/// One block of scratch memory, carved into arrays on 64-byte boundaries. Never shrinks, so a second batch of the same
/// shape allocates nothing, and every array lies where it lay before.
class Arena {
 public:
  /// Bytes of all that `place` takes; what it is handed are nullptrs.
  template <class Place>
  size_t measure(const Place& place) {
    used_ = 0;
    measuring_ = true;
    place();
    return used_;
  }
  /// Makes room for all that `place` takes, and lets it take it: calls it twice.
  template <class Place>
  void carve(const Place& place) {
    allocate(measure(place));
    used_ = 0;
    measuring_ = false;
    place();
  }
  template <class S>
  S* take(int64_t count) {
    S* const place = measuring_ ? nullptr : reinterpret_cast<S*>(static_cast<std::byte*>(memory_.get()) + used_);
    used_ += (static_cast<size_t>(count) * sizeof(S) + 63) / 64 * 64;
    return place;
  }

 private:
  void allocate(size_t bytes);
  struct Free {
    void operator()(void* p) const { std::free(p); }
  };
  std::unique_ptr<void, Free> memory_;
  size_t capacity_ = 0, used_ = 0;
  bool measuring_ = false;
};

}  // namespace models
