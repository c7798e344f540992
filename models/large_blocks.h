#pragma once
#include <cstddef>

namespace models {

/// From this size on a vector's memory comes from here.
inline constexpr size_t kLargeBlock = size_t{32} << 20;

/// Memory on a boundary of 2 MiB and, where the kernel agrees, in pages of that size. A block given back is kept for
/// the next request of its size, and all that are kept are freed before memory of another size is taken, so that the
/// process never holds more than it once needed: a round takes and gives back several vectors of the model's size,
/// and every first touch of fresh memory costs a page fault and a page of zeros. Thread-safe. Throws std::bad_alloc.
void* take_large_block(size_t bytes);
/// `bytes` as it was asked for.
void give_back_large_block(void* block, size_t bytes) noexcept;

}  // namespace models
