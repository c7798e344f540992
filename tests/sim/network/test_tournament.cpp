#include "sim/network/tournament.h"

#include <map>

#include "sim/random.h"
#include "tests/support/catch.h"

using namespace sim;

TEST_CASE("the smallest of many keys that change at random is a map's smallest, for any number of ids") {
  const size_t ids = GENERATE(as<size_t>{}, 1, 2, 7, 8, 9, 64, 65, 500, 513);
  const RandomStream draw(3, "tournament", ids);
  Tournament<double> tournament(ids);
  std::map<uint32_t, double> keys;
  CHECK(tournament.top_key() == tournament.kNever);
  for (uint64_t i = 0; i < 5000; ++i) {
    const auto id = static_cast<uint32_t>(draw.below(ids, 3 * i));
    if (draw.below(4, 3 * i + 1) == 0) {
      tournament.set(id, tournament.kNever);
      keys.erase(id);
    } else {
      tournament.set(id, keys[id] = static_cast<double>(draw.below(300, 3 * i + 2)));  // with ties
    }
    if (i % 997 == 0) {
      std::map<uint32_t, bool> called;
      tournament.lower_keys(0.5, [&](uint32_t lowered) { called[lowered] = true; });
      REQUIRE(called.size() == keys.size());
      for (auto& [lowered, key] : keys) key -= 0.5;
    }
    double smallest = tournament.kNever;
    for (const auto& [other, key] : keys) smallest = std::min(smallest, key);
    REQUIRE(tournament.top_key() == smallest);
    if (!keys.empty()) REQUIRE(keys.at(tournament.top()) == smallest);
  }
}
