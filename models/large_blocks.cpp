#include "models/large_blocks.h"

#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>
#ifdef __linux__
#include <sys/mman.h>
#endif

namespace models {
namespace {

struct Kept {
  std::mutex mutex;
  size_t bytes = 0;  // of each block
  std::vector<void*> blocks;
};
/// Never destroyed: vectors may be given back while the program ends.
Kept& kept() {
  static Kept* const blocks = new Kept;
  return *blocks;
}

void free_all(Kept& kept) {
  for (void* const block : kept.blocks) std::free(block);
  kept.blocks.clear();
}

}  // namespace

void* take_large_block(size_t bytes) {
  Kept& known = kept();
  {
    const std::lock_guard lock(known.mutex);
    if (known.bytes != bytes) free_all(known);
    if (!known.blocks.empty()) {
      void* const block = known.blocks.back();
      known.blocks.pop_back();
      return block;
    }
  }
  constexpr size_t huge_page = size_t{2} << 20;
  const size_t size = (bytes + huge_page - 1) / huge_page * huge_page;
  void* const block = size < bytes ? nullptr : std::aligned_alloc(huge_page, size);
  if (!block) throw std::bad_alloc();
#ifdef __linux__
  madvise(block, size, MADV_HUGEPAGE);  // a hint only
#endif
  return block;
}

void give_back_large_block(void* block, size_t bytes) noexcept {
  Kept& known = kept();
  const std::lock_guard lock(known.mutex);
  if (known.bytes != bytes) free_all(known);
  known.bytes = bytes;
  try {
    known.blocks.push_back(block);
  } catch (const std::bad_alloc&) {
    std::free(block);
  }
}

}  // namespace models
