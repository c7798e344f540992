#include "models/vector_math.h"

#include <array>
#include <cmath>

namespace models {

double dot(std::span<const float> a, std::span<const float> b) {
  std::array<double, 8> sums{};
  const size_t whole = a.size() / 8 * 8;
  for (size_t i = 0; i < whole; i += 8)
    for (size_t lane = 0; lane < 8; ++lane)
      sums[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
  for (size_t i = whole; i < a.size(); ++i) sums[i - whole] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

double norm(std::span<const float> v) { return std::sqrt(dot(v, v)); }

}  // namespace models
