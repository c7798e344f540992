#pragma once
#include <cstdint>

#include "models/objective.h"

namespace models {

/// The batches of one shard: a pure function of the batch's index. Thread-safe.
class BatchSource {
 public:
  virtual ~BatchSource() = default;
  /// Fills `batch` with batch number `index` ≥ 0; allocates nothing once `batch` has its size.
  virtual void fill(int64_t index, Batch& batch) const = 0;
};

}  // namespace models
