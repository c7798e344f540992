#include "models/dot.h"

#include <array>
#include <cstddef>

namespace models {

double dot(std::span<const float> a, std::span<const float> b) {
  std::array<double, 8> sums{};
  size_t i = 0;
  for (; i + 8 <= a.size(); i += 8)
    for (size_t j = 0; j < 8; ++j) sums[j] += static_cast<double>(a[i + j]) * b[i + j];
  for (; i < a.size(); ++i) sums[0] += static_cast<double>(a[i]) * b[i];
  double sum = 0.0;
  for (const double part : sums) sum += part;
  return sum;
}

}  // namespace models
