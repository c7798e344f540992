#pragma once
#include <cstdint>
#include <vector>

#include "models/random_source.h"

namespace models {

/// ln of a Gamma(shape, 1) draw, shape > 0: a logarithm, because draws at small shapes underflow. Consumes counters of
/// `entity` from 0 up. Source: Marsaglia & Tsang 2000, with their step Gamma(a) = Gamma(a + 1)·U^(1/a) for a < 1.
double log_gamma_draw(double shape, const RandomSource& random, uint64_t entity);

/// Proportions over `count` parts from the symmetric Dirichlet(concentration); they are ≥ 0 and add up to 1. Uses the
/// entities first_entity … first_entity + count − 1.
std::vector<double> dirichlet_draw(double concentration, int64_t count, const RandomSource& random,
                                   uint64_t first_entity);

/// Splits `total` whole things by proportions, by largest remainder (ties to the lower index): each part is its exact
/// share rounded up or down, and the parts add up to `total`.
std::vector<int64_t> apportion(int64_t total, const std::vector<double>& proportions);

}  // namespace models
