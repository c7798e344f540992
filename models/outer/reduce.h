#pragma once
#include <span>

namespace models {

/// Makes one pseudo-gradient of a batch of them: their mean, in the first one's memory. Added up in the
/// order given, so the bits depend on that. Precondition: at least one; lengths are equal.
std::span<const float> reduce_to_mean(std::span<const std::span<float>> gradients);

}  // namespace models
