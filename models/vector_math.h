#pragma once
#include <span>

namespace models {

/// Σ aᵢbᵢ in double: eight sums of every eighth element, so that the additions need not wait for one another, added up
/// in a fixed order. Lengths are equal.
double dot(std::span<const float> a, std::span<const float> b);
/// ‖v‖₂ = √(v·v).
double norm(std::span<const float> v);

}  // namespace models
