#include "models/data/permutation.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include "tests/support/catch.h"

using models::Permutation;

namespace {

std::vector<uint64_t> table(uint64_t size, uint64_t key) {
  const Permutation permutation(size, key);
  std::vector<uint64_t> values(size);
  for (uint64_t x = 0; x < size; ++x) values[x] = permutation(x);
  return values;
}

/// Σ (n − e)²/e over cells expected equal.
double chi_square(const std::vector<double>& counts) {
  const double expected = std::accumulate(counts.begin(), counts.end(), 0.0) / static_cast<double>(counts.size());
  double sum = 0;
  for (const double n : counts) sum += (n - expected) * (n - expected) / expected;
  return sum;
}

/// Chi-square of f degrees of freedom has mean f and variance 2f: exceeded by chance less than once in 10^6 seeds (6 σ
/// leaves room for the skew at small f).
double chi_square_bound(double freedom) { return freedom + 6 * std::sqrt(2 * freedom); }

}  // namespace

TEST_CASE("a permutation takes each value once at every size up to 200") {
  for (uint64_t size = 1; size <= 200; ++size) {
    for (uint64_t key = 0; key < 20; ++key) {
      auto values = table(size, key);
      std::sort(values.begin(), values.end());
      bool each_once = true;
      for (uint64_t x = 0; x < size; ++x) each_once &= values[x] == x;
      REQUIRE(each_once);
    }
  }
}

TEST_CASE("a permutation of a million takes each value once") {
  auto values = table(1'000'003, 5);
  std::sort(values.begin(), values.end());
  uint64_t wrong = 0;
  for (uint64_t x = 0; x < values.size(); ++x) wrong += values[x] != x;
  CHECK(wrong == 0);
}

TEST_CASE("every permutation of 4 and of 5 is as frequent as any other over the keys") {
  for (const uint64_t size : {4, 5}) {
    const size_t kinds = size == 4 ? 24 : 120;
    std::map<std::vector<uint64_t>, double> seen;
    for (uint64_t key = 0; key < 60000; ++key) ++seen[table(size, key)];
    REQUIRE(seen.size() == kinds);
    std::vector<double> counts;
    for (const auto& [values, count] : seen) counts.push_back(count);
    CHECK(chi_square(counts) < chi_square_bound(static_cast<double>(kinds - 1)));
  }
}

TEST_CASE("two neighbours go to every pair of different places equally often over the keys") {
  const uint64_t size = 37;
  std::vector<double> pairs;
  std::map<std::pair<uint64_t, uint64_t>, double> seen;
  for (uint64_t key = 0; key < 100000; ++key) {
    const Permutation permutation(size, key << 17);
    ++seen[{permutation(11), permutation(12)}];
  }
  for (const auto& [pair, count] : seen) pairs.push_back(count);
  CHECK(seen.size() == size * (size - 1));
  CHECK(chi_square(pairs) < chi_square_bound(static_cast<double>(size * (size - 1) - 1)));
}
