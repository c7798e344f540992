#include "models/outer/reduce.h"

#include "models/chunks.h"

namespace models {

std::span<const float> reduce_to_mean(std::span<const std::span<float>> gradients) {
  const std::span<float> mean = gradients.front();
  const float factor = static_cast<float>(1.0 / static_cast<double>(gradients.size()));
  in_chunks(mean.size(), [&](Chunk at) {
    auto sum = at(mean);
    for (const std::span<float> other : gradients.subspan(1)) sum += at(other);
    if (factor != 1.0f) sum *= factor;
  });
  return mean;
}

}  // namespace models
