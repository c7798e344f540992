#pragma once
#include <cstdint>

#include "models/objective.h"

namespace models {

/// The batches of one shard, whose examples (sequences or points) come in one order. Thread-safe.
class BatchSource {
 public:
  virtual ~BatchSource() = default;
  /// Fills `batch` with `count` ≥ 1 examples from number `first` ≥ 0 on: a pure function of the two. Allocates nothing
  /// once `batch` has its size.
  virtual void fill(int64_t first, int64_t count, Batch& batch) const = 0;
};

}  // namespace models
