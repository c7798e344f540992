#include "models/data/dirichlet.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace models {

double log_gamma_draw(double shape, const RandomSource& random, uint64_t entity) {
  if (shape < 1) {
    const double u = 1 - random.uniform(entity, 0);  // in (0, 1]; the draws below leave counter 0 free
    return log_gamma_draw(shape + 1, random, entity) + std::log(u) / shape;
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (uint64_t counter = 1;; counter += 2) {
    const double x = random.normal(entity, counter);
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    const double u = 1 - random.uniform(entity, counter + 1);
    if (std::log(u) < 0.5 * x * x + d * (1 - v + std::log(v))) return std::log(d) + std::log(v);
  }
}

std::vector<double> dirichlet_draw(double concentration, int64_t count, const RandomSource& random,
                                   uint64_t first_entity) {
  std::vector<double> parts(static_cast<size_t>(count));
  for (size_t i = 0; i < parts.size(); ++i) parts[i] = log_gamma_draw(concentration, random, first_entity + i);
  const double largest = *std::max_element(parts.begin(), parts.end());
  for (double& part : parts) part = std::exp(part - largest);
  const double sum = std::accumulate(parts.begin(), parts.end(), 0.0);
  for (double& part : parts) part /= sum;
  return parts;
}

std::vector<int64_t> apportion(int64_t total, const std::vector<double>& proportions) {
  std::vector<int64_t> parts;
  std::vector<double> remainders;
  int64_t left = total;
  for (const double proportion : proportions) {
    const double exact = proportion * static_cast<double>(total);
    // Rounding in the products must not hand out more than there is.
    parts.push_back(std::min(static_cast<int64_t>(exact), left));
    remainders.push_back(exact - static_cast<double>(parts.back()));
    left -= parts.back();
  }
  std::vector<size_t> order(proportions.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return remainders[a] > remainders[b]; });
  for (size_t i = 0; left > 0; i = (i + 1) % order.size(), --left) ++parts[order[i]];
  return parts;
}

}  // namespace models
