#pragma once
#include <cstddef>
#include <limits>

namespace models {

/// What a key's value may be, beyond its type.
struct Limits {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool above_min = false;  ///< min itself is not allowed
  bool required = false;
  size_t min_items = 0;          ///< arrays and strings
  size_t max_items = 1'000'000;  ///< arrays

  constexpr Limits needed() const {
    Limits l = *this;
    l.required = true;
    return l;
  }
};
constexpr Limits any() { return {}; }
constexpr Limits at_least(double min) { return {.min = min}; }
constexpr Limits above(double min) { return {.min = min, .above_min = true}; }
constexpr Limits between(double min, double max) { return {.min = min, .max = max}; }
constexpr Limits not_empty() { return {.min_items = 1}; }
constexpr Limits not_empty(size_t max_items) { return {.min_items = 1, .max_items = max_items}; }

}  // namespace models
