#include <cmath>
#include <limits>
#include <vector>

#include "models/outer/delay_compensation.h"
#include "models/outer/poly.h"
#include "models/params.h"
#include "tests/support/catch.h"

using namespace models;

namespace {

const Params kGradient{1.0f, -2.0f, 0.5f, 0.0f};
const Params kNow{1.0f, 3.0f, -2.0f, 7.0f};
const Params kDispatched{0.5f, 2.0f, 2.0f, 1.0f};

Params corrected(const Correction& correction, int64_t staleness) {
  Params g = kGradient;
  correction.correct(g, {staleness, kNow, kDispatched});
  return g;
}

}  // namespace

TEST_CASE("Poly divides an update of staleness 3 by its root 2, and one of staleness 8 by 3") {
  const auto poly = make(PolyConfig{});
  CHECK(corrected(*poly, 3) == Params{0.5f, -1.0f, 0.25f, 0.0f});
  const Params third = corrected(*poly, 8);
  for (size_t i = 0; i < third.size(); ++i) CHECK(third[i] == Approx(kGradient[i] / 3));
  CHECK_FALSE(poly->needs_dispatched());
}

TEST_CASE("Poly's exponent is a: with a = 1 staleness 4 leaves a fifth, with a = 0 everything") {
  const Params fifth = corrected(*make(PolyConfig{.exponent = 1.0}), 4);
  for (size_t i = 0; i < fifth.size(); ++i) CHECK(fifth[i] == Approx(kGradient[i] / 5));
  CHECK(corrected(*make(PolyConfig{.exponent = 0.0}), 4) == kGradient);
}

TEST_CASE("Poly leaves a fresh update as it is, to the last bit") {
  CHECK(corrected(*make(PolyConfig{.exponent = 0.7}), 0) == kGradient);
}

TEST_CASE("delay compensation adds λ g² (now − dispatched), element by element, by hand") {
  // λ = 0.5: 1 + 0.5·1·0.5 = 1.25; −2 + 0.5·4·1 = 0; 0.5 + 0.5·0.25·(−4) = 0; 0 + 0.
  const auto compensation = make(DelayCompensationConfig{.lambda = 0.5});
  CHECK(corrected(*compensation, 3) == Params{1.25f, 0.0f, 0.0f, 0.0f});
  CHECK(compensation->needs_dispatched());
}

TEST_CASE("delay compensation with λ = 0, or of a worker that holds the newest model, changes nothing") {
  CHECK(corrected(*make(DelayCompensationConfig{.lambda = 0.0}), 3) == kGradient);
  Params g = kGradient;
  make(DelayCompensationConfig{.lambda = 2.0})->correct(g, {0, kNow, kNow});
  CHECK(g == kGradient);
}

TEST_CASE("delay compensation is exact to second order where the loss is a sum of logarithms") {
  // f(x) = −log x has f' = −1/x and f'' = 1/x² = f'²: with λ = 1 the correction is the Taylor term itself, so the
  // error at distance h is f'''h²/2, a hundred times less for a tenth of h.
  const auto compensation = make(DelayCompensationConfig{.lambda = 1.0});
  const auto error = [&](float h) {
    const Params dispatched{2.0f}, now{2.0f + h};
    Params g{-0.5f};
    compensation->correct(g, {1, now, dispatched});
    return std::abs(g[0] + 1.0 / (2.0 + h));
  };
  CHECK(error(0.1f) < 0.1 * 0.1 / 4);  // |f'''| h² / 2 with |f'''| = 2/x³ = 1/4, doubled
  CHECK(error(0.01f) < 0.02 * error(0.1f));
}
