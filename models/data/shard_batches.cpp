#include <algorithm>
#include <cassert>
#include <limits>

#include "models/data/batch_windows.h"
#include "models/data/permutation.h"
#include "models/data/shards.h"

namespace models {
namespace {

/// The order of one epoch's windows.
Permutation epoch_order(int64_t windows, const RandomSource& random, uint64_t entity, int64_t epoch) {
  const uint64_t key = random.below(std::numeric_limits<uint64_t>::max(), entity, static_cast<uint64_t>(epoch));
  return Permutation(static_cast<uint64_t>(windows), key);
}

}  // namespace

ShardBatches::ShardBatches(TokenSequence tokens, int64_t context, BatchOrder order, const RandomSource& random,
                           uint64_t entity)
    : tokens_(std::move(tokens)),
      context_(context),
      windows_(count_windows(tokens_.size(), context)),
      order_(order),
      random_(random),
      entity_(entity) {
  check_batch_shape(1, context);
  if (windows_ < 1) {
    throw CorpusError("a shard of " + std::to_string(tokens_.size()) + " tokens is shorter than one window of " +
                      std::to_string(context + 1) + " (context + 1)");
  }
}

void ShardBatches::fill(int64_t first, int64_t count, Batch& batch) const {
  assert(first >= 0 && count >= 1);
  shape_batch(batch, count, context_);
  int64_t row = 0;
  while (row < count) {
    const int64_t epoch = (first + row) / windows_, place = (first + row) % windows_;
    const int64_t rows = std::min(windows_ - place, count - row);  // up to the epoch's end
    if (order_ == BatchOrder::sequential) {
      for (int64_t i = 0; i < rows; ++i) copy_window(tokens_, place + i, batch, row + i);
    } else {
      const Permutation order = epoch_order(windows_, random_, entity_, epoch);
      for (int64_t i = 0; i < rows; ++i) {
        copy_window(tokens_, static_cast<int64_t>(order(static_cast<uint64_t>(place + i))), batch, row + i);
      }
    }
    row += rows;
  }
}

}  // namespace models
