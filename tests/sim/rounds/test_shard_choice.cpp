#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/rounds/shard_choice.h"
#include "tests/support/catch.h"

using namespace sim;

namespace {

constexpr int64_t kDraws = 60'000;

/// How often each shard is chosen when nothing is assigned in between.
std::vector<int> histogram(ShardChoice& choice, size_t shards) {
  std::vector<int> count(shards, 0);
  for (int64_t i = 0; i < kDraws; ++i)
    ++count.at(static_cast<size_t>(choice.choose(static_cast<NodeId>(i % 6), i / 6)));
  return count;
}

/// Pearson's statistic; a shard of probability 0 must never have been drawn.
double chi_square(const std::vector<int>& count, const std::vector<double>& p) {
  double sum = 0.0;
  for (size_t i = 0; i < p.size(); ++i) {
    if (p[i] == 0.0) REQUIRE(count[i] == 0);
    if (p[i] > 0.0) sum += std::pow(count[i] - p[i] * kDraws, 2) / (p[i] * kDraws);
  }
  return sum;
}
constexpr double kNeverExceeded = 33.0;  // with 3 degrees of freedom: probability 3e-7

}  // namespace

TEST_CASE("before anything is assigned shards are drawn by their size") {
  const auto choice = make(ChooseUnderProgressed{}, {{100, 200, 300, 400}, 1});
  CHECK(chi_square(histogram(*choice, 4), {0.1, 0.2, 0.3, 0.4}) < kNeverExceeded);
}

// Shares of the data 0.1 0.2 0.3 0.4, of the progress 0.05 0.4 0.25 0.3: deficits 0.05 0 0.05 0.1, which sum to 0.2.
TEST_CASE("a shard is drawn in proportion to how far it lags behind its share") {
  const auto choice = make(ChooseUnderProgressed{}, {{100, 200, 300, 400}, 2});
  const std::vector<int64_t> assigned = {50, 400, 250, 300};
  for (int i = 0; i < 4; ++i) choice->assigned(i, assigned[static_cast<size_t>(i)]);
  CHECK(chi_square(histogram(*choice, 4), {0.25, 0.0, 0.25, 0.5}) < kNeverExceeded);
}

TEST_CASE("when every shard has exactly its share they are drawn by their size") {
  const auto choice = make(ChooseUnderProgressed{}, {{3, 7, 11, 13}, 3});
  for (int i = 0; i < 4; ++i) choice->assigned(i, std::vector<int64_t>{3, 7, 11, 13}[static_cast<size_t>(i)] * 1001);
  CHECK(chi_square(histogram(*choice, 4), {3 / 34.0, 7 / 34.0, 11 / 34.0, 13 / 34.0}) < kNeverExceeded);
}

TEST_CASE("a lone lagging shard is always chosen, a shard without examples never") {
  const auto lone = make(ChooseUnderProgressed{}, {{100, 100, 100}, 4});
  lone->assigned(0, 50);
  lone->assigned(2, 50);
  CHECK(histogram(*lone, 3) == std::vector<int>{0, kDraws, 0});

  const auto empty = make(ChooseUnderProgressed{}, {{0, 100, 0}, 4});
  CHECK(histogram(*empty, 3) == std::vector<int>{0, kDraws, 0});
}

TEST_CASE("assignments by lag keep every shard within one round of its share") {
  const std::vector<int64_t> sizes = {100, 200, 300, 400};
  const auto choice = make(ChooseUnderProgressed{}, {sizes, 5});
  std::vector<int64_t> n(4, 0);
  for (int64_t round = 0; round < 5000; ++round) {
    const int shard = choice->choose(0, round);
    choice->assigned(shard, 20);
    n[static_cast<size_t>(shard)] += 20;
    // Only a shard behind its share is chosen, so none is ever more than one round ahead.
    for (size_t i = 0; i < 4; ++i)
      REQUIRE(static_cast<double>(n[i]) <
              static_cast<double>(sizes[i]) / 1000.0 * 20.0 * static_cast<double>(round + 1) + 20.0);
  }
}

TEST_CASE("the least visited shards' visits never differ by more than one") {
  const auto choice = make(ChooseLeastVisited{}, {std::vector<int64_t>(5, 1), 6});
  std::vector<int> visits(5, 0);
  for (int64_t round = 0; round < 1000; ++round) {
    const int shard = choice->choose(static_cast<NodeId>(round % 3), round / 3);
    choice->assigned(shard, 1 + round % 7);  // rounds count, not examples
    ++visits.at(static_cast<size_t>(shard));
    const auto [fewest, most] = std::minmax_element(visits.begin(), visits.end());
    REQUIRE(*most - *fewest <= 1);
  }
}

TEST_CASE("ties between least visited shards are drawn uniformly") {
  const auto choice = make(ChooseLeastVisited{}, {std::vector<int64_t>(5, 1), 7});
  choice->assigned(2, 1);
  CHECK(chi_square(histogram(*choice, 5), {0.25, 0.25, 0.0, 0.25, 0.25}) < kNeverExceeded);
}

TEST_CASE("fixed shards stay with their workers, whatever is assigned") {
  const auto choice = make(ChooseFixed{}, {std::vector<int64_t>(3, 1)});
  for (int64_t round = 0; round < 10; ++round) {
    for (NodeId w = 0; w < 8; ++w) CHECK(choice->choose(w, round) == w % 3);
    choice->assigned(static_cast<int>(round % 3), 1000);
  }
}

TEST_CASE("a worker's draw does not depend on who chose before it") {
  for (const auto& make : {+[] {
                             return make(ChooseUnderProgressed{}, {{100, 200, 300, 400}, 8});
                           },
                           +[] {
                             return make(ChooseLeastVisited{}, {std::vector<int64_t>(4, 1), 8});
                           }}) {
    const auto forward = make();
    const auto backward = make();
    std::vector<int> a, b;
    for (NodeId w = 0; w < 100; ++w) a.push_back(forward->choose(w, 3));
    for (NodeId w = 99; w >= 0; --w) b.push_back(backward->choose(w, 3));
    std::reverse(b.begin(), b.end());
    CHECK(a == b);
    CHECK(std::count(a.begin(), a.end(), a[0]) < 100);
  }
}

TEST_CASE("shard choices refuse what cannot be") {
  CHECK_THROWS_AS(make(ChooseUnderProgressed{}, {{}, 1}), std::invalid_argument);
  CHECK_THROWS_AS(make(ChooseUnderProgressed{}, {{0, 0}, 1}), std::invalid_argument);
  CHECK_THROWS_AS(make(ChooseUnderProgressed{}, {{10, -1}, 1}), std::invalid_argument);
  CHECK_THROWS_AS(make(ChooseLeastVisited{}, {std::vector<int64_t>(0, 1), 1}), std::invalid_argument);
  CHECK_THROWS_AS(make(ChooseFixed{}, {std::vector<int64_t>(0, 1)}), std::invalid_argument);
}
