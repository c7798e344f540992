#include "models/nn/arena.h"

#include <new>
#ifdef __linux__
#include <sys/mman.h>
#endif

namespace models {

void Arena::allocate(size_t bytes) {
  if (bytes <= capacity_) return;
  constexpr size_t huge_page = size_t{2} << 20;
  const size_t wanted = (bytes + huge_page - 1) / huge_page * huge_page;
  memory_.reset();
  capacity_ = 0;
  memory_.reset(std::aligned_alloc(huge_page, wanted));
  if (!memory_) throw std::bad_alloc();
  capacity_ = wanted;
#ifdef __linux__
  madvise(memory_.get(), capacity_, MADV_HUGEPAGE);  // fewer page-table walks in the products; a hint only
#endif
}

}  // namespace models
