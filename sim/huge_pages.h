#pragma once
#include <cstddef>
#include <new>
#include <vector>
#ifdef __linux__
#include <sys/mman.h>
#endif

namespace sim {

/// An allocator for what is read here and there by chance: it begins on a cache line, and large blocks lie in pages of
/// 2 MiB where the kernel agrees, so that a wait for memory is not preceded by one for the address's translation.
template <class T>
struct HugePages {
  using value_type = T;
  static constexpr size_t kPage = size_t{2} << 20;
  HugePages() = default;
  template <class U>
  HugePages(const HugePages<U>&) {}  // NOLINT(google-explicit-constructor): as the standard asks of allocators
  T* allocate(size_t n) {
    const bool large = is_large(n);
    const size_t bytes = large ? (n * sizeof(T) + kPage - 1) / kPage * kPage : n * sizeof(T);
    void* const block = ::operator new(bytes, alignment(n));
#ifdef __linux__
    if (large) madvise(block, bytes, MADV_HUGEPAGE);  // a hint only
#endif
    return static_cast<T*>(block);
  }
  void deallocate(T* block, size_t n) { ::operator delete(block, alignment(n)); }
  bool operator==(const HugePages&) const = default;

 private:
  static constexpr size_t kLine = 64;  // of the cache
  static bool is_large(size_t n) { return n >= kPage / sizeof(T); }
  static std::align_val_t alignment(size_t n) { return std::align_val_t{is_large(n) ? kPage : kLine}; }
};

template <class T>
using LargeVector = std::vector<T, HugePages<T>>;

}  // namespace sim
