#include <cmath>
#include <functional>
#include <set>
#include <vector>

#include "sim/random.h"
#include "tests/support/catch.h"

using namespace sim;

namespace {

constexpr int kDraws = 200'000;

double mean_of(const std::function<double(uint64_t)>& draw) {
  double sum = 0.0;
  for (uint64_t i = 0; i < kDraws; ++i) sum += draw(i);
  return sum / kDraws;
}

/// Five standard errors of a mean whose terms have this variance: a right generator fails once in two million seeds.
double five_sigma(double variance) { return 5.0 * std::sqrt(variance / kDraws); }

double correlation(const RandomStream& a, const RandomStream& b, uint64_t lag = 0) {
  return 12.0 * mean_of([&](uint64_t i) { return (a.uniform(i) - 0.5) * (b.uniform(i + lag) - 0.5); });
}

}  // namespace

// Source: the file kat_vectors of Random123, rows "philox4x32 10".
TEST_CASE("philox agrees with the known answers of its authors") {
  using Words = std::array<uint32_t, 4>;
  constexpr uint32_t ones = 0xffffffff;
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox({ones, ones, ones, ones}, {ones, ones}) == Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("a draw depends on nothing but seed, purpose, entity and counter") {
  const RandomStream stream(5, "jitter", 3);
  const uint64_t first = stream.bits(1000);
  for (uint64_t i = 0; i < 100; ++i) stream.normal(i);
  CHECK(stream.bits(1000) == first);
  CHECK(RandomStream(5, "jitter", 3).bits(1000) == first);
  CHECK(RandomStream(5, "jitter", 9).of(3).bits(1000) == first);
  CHECK(RandomStream(6, "jitter", 3).bits(1000) != first);
  CHECK(RandomStream(5, "jitte", 3).bits(1000) != first);
  CHECK(RandomStream(5, "jitter", 4).bits(1000) != first);
  CHECK(stream.bits(1001) != first);
}

TEST_CASE("neighbouring seeds, purposes, entities and counters, and their high halves, give different draws") {
  std::set<uint64_t> seen;
  size_t drawn = 0;
  for (const uint64_t seed : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 32, ~uint64_t{0}})
    for (const char* purpose : {"", "a", "b", "ab", "ba"})
      for (const uint64_t entity : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 32, ~uint64_t{0}})
        for (const uint64_t counter : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 32, ~uint64_t{0}}) {
          seen.insert(RandomStream(seed, purpose, entity).bits(counter));
          ++drawn;
        }
  CHECK(seen.size() == drawn);  // 320 draws of 64 bits meet with probability 3e-15
}

TEST_CASE("every bit of a draw is set half of the time") {
  const RandomStream stream(11, "bits");
  std::vector<int> set(64, 0);
  for (uint64_t i = 0; i < kDraws; ++i)
    for (int b = 0; b < 64; ++b) set[static_cast<size_t>(b)] += static_cast<int>(stream.bits(i) >> b & 1);
  for (const int count : set) CHECK(std::abs(count / double{kDraws} - 0.5) < five_sigma(0.25));
}

TEST_CASE("uniform draws have the moments of the uniform distribution and stay in the unit interval") {
  const RandomStream stream(1, "uniform");
  for (uint64_t i = 0; i < kDraws; ++i) REQUIRE((stream.uniform(i) >= 0.0 && stream.uniform(i) < 1.0));
  for (int k = 1; k <= 4; ++k) {  // E[u^k] = 1 / (k + 1)
    const double mean = mean_of([&](uint64_t i) { return std::pow(stream.uniform(i), k); });
    CHECK(std::abs(mean - 1.0 / (k + 1)) < five_sigma(1.0 / (2 * k + 1) - 1.0 / ((k + 1) * (k + 1))));
  }
}

TEST_CASE("normal draws have the moments and the tail of the normal distribution") {
  const RandomStream stream(2, "normal");
  const double odd_factorial[] = {1, 1, 3, 15, 105, 945, 10'395, 135'135, 2'027'025};  // E[x^2k] = (2k − 1)!!
  for (int k = 1; k <= 4; ++k) {
    const double expected = k % 2 == 0 ? odd_factorial[k / 2] : 0.0;
    const double mean = mean_of([&](uint64_t i) { return std::pow(stream.normal(i), k); });
    CHECK(std::abs(mean - expected) < five_sigma(odd_factorial[k] - expected * expected));
  }
  const double tail = std::erfc(2.0 / std::sqrt(2.0));
  CHECK(std::abs(mean_of([&](uint64_t i) { return std::abs(stream.normal(i)) > 2.0 ? 1.0 : 0.0; }) - tail) <
        five_sigma(tail * (1 - tail)));
}

TEST_CASE("streams of different entities, purposes, seeds and lags are uncorrelated") {
  const RandomStream stream(3, "speed", 0);
  CHECK(correlation(stream, stream) == Approx(1.0).margin(0.01));  // the statistic sees what it is to see
  for (const RandomStream& other :
       {stream.of(1), stream.of(uint64_t{1} << 32), RandomStream(3, "failure", 0), RandomStream(4, "speed", 0)})
    CHECK(std::abs(correlation(stream, other)) < five_sigma(1.0));
  CHECK(std::abs(correlation(stream, stream, 1)) < five_sigma(1.0));
}

TEST_CASE("draws below a bound are uniform on exactly that many values") {
  const RandomStream stream(4, "below");
  std::vector<int> count(7, 0);
  for (uint64_t i = 0; i < kDraws; ++i) ++count.at(stream.below(7, i));
  double chi_square = 0.0;
  for (const int c : count) chi_square += std::pow(c - kDraws / 7.0, 2) / (kDraws / 7.0);
  CHECK(chi_square < 35.0);  // 6 degrees of freedom: exceeded with probability 4e-6
  CHECK(stream.below(1, 0) == 0);
  CHECK(stream.below(~uint64_t{0}, 5) <= stream.bits(5));  // ⌊b (2^64 − 1) / 2^64⌋ is b − 1, or 0
  CHECK(stream.below(~uint64_t{0}, 5) >= stream.bits(5) - 1);
}
