#pragma once
#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "models/outer/outer_rule.h"
#include "tests/support/catch.h"

/// θ₀ and four pseudo-gradients, of one tensor, that the printed results of several rules start from.
namespace tests {

inline const models::Params kStart{1.0f, -2.0f, 0.5f};
inline const std::vector<models::Params> kGradients{
    {0.1f, -0.2f, 0.3f}, {-0.3f, 0.1f, 0.2f}, {0.05f, 0.4f, -0.1f}, {0.2f, 0.2f, 0.2f}};

/// θ after the four.
inline models::Params after_four(models::OuterRule& rule) {
  models::Params theta = kStart;
  for (const models::Params& g : kGradients) rule.apply(theta, g);
  return theta;
}

/// To 1e-5 of the largest element.
inline void check_close(std::span<const float> found, const std::vector<double>& expected) {
  REQUIRE(found.size() >= expected.size());
  double largest = 0;
  for (const double x : expected) largest = std::max(largest, std::abs(x));
  for (size_t i = 0; i < expected.size(); ++i) {
    INFO(i);
    CHECK(found[i] == Approx(expected[i]).epsilon(0).margin(1e-5 * largest));
  }
}

/// Both rules make the same of θ, to the bit or else to 1e-5, over twenty distinct gradients, from where each sends it.
inline void check_alike(models::OuterRule& one, models::OuterRule& other, size_t size, bool to_the_bit) {
  models::Params a(size, 1.0f), b(size, 1.0f), g(size);
  for (int step = 0; step < 20; ++step) {
    for (size_t i = 0; i < size; ++i) g[i] = std::sin(static_cast<float>(step) + 0.37f * static_cast<float>(i));
    one.apply(a, g);
    other.apply(b, g);
    if (to_the_bit)
      REQUIRE(a == b);
    else
      check_close(a, {b.begin(), b.end()});
  }
}

}  // namespace tests
