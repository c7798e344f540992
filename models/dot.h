#pragma once
#include <span>

namespace models {

/// In double, as eight sums of every eighth element, so that the additions need not wait for one another. Lengths are
/// equal.
double dot(std::span<const float> a, std::span<const float> b);

}  // namespace models
