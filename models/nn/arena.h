#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace models {

/// One block of scratch memory, carved into arrays on 64-byte boundaries. Carve twice: first after measure(), which
/// hands out nullptrs and only counts, then after allocate(), which makes room. Never shrinks, so a second batch of the
/// same shape allocates nothing, and every array lies where it lay before.
class Arena {
 public:
  void measure() { used_ = 0, measuring_ = true; }
  size_t measured() const { return used_; }  ///< bytes
  void allocate();
  template <class S>
  S* take(int64_t count) {
    S* const place = measuring_ ? nullptr : reinterpret_cast<S*>(static_cast<std::byte*>(memory_.get()) + used_);
    used_ += (static_cast<size_t>(count) * sizeof(S) + 63) / 64 * 64;
    return place;
  }

 private:
  struct Free {
    void operator()(void* p) const { std::free(p); }
  };
  std::unique_ptr<void, Free> memory_;
  size_t capacity_ = 0, used_ = 0;
  bool measuring_ = false;
};

}  // namespace models
