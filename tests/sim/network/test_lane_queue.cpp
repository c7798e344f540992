#include "sim/network/lane_queue.h"

#include <set>

#include "sim/random.h"
#include "tests/support/catch.h"

using namespace sim;

namespace {
struct Entry {
  double key;
  int id;
};
}  // namespace

TEST_CASE("a lane's queue gives the smallest key first, whatever comes, goes, is lowered or removed") {
  const uint64_t percent_pushes = GENERATE(as<uint64_t>{}, 45, 60);  // around one entry, or many
  const RandomStream draw(7, "lane queue", percent_pushes);
  LaneQueue<Entry> queue;
  std::multiset<double> keys;
  for (uint64_t i = 0; i < 3000; ++i) {
    if (keys.empty() || draw.below(100, 2 * i) < percent_pushes) {
      const double key = static_cast<double>(i / 4 + draw.below(40, 2 * i + 1));
      queue.push({key, static_cast<int>(i)});
      keys.insert(key);
    } else {
      REQUIRE(queue.front().key == *keys.begin());
      queue.pop();
      keys.erase(keys.begin());
    }
    if (i % 100 == 99 && keys.size() > 1) {
      const auto gone = [](double key) { return static_cast<int64_t>(key) % 3 == 0; };
      queue.remove_if([&](const Entry& entry) { return gone(entry.key); });
      std::erase_if(keys, gone);
      queue.lower_keys(3.0);
      std::multiset<double> lowered;
      for (const double key : keys) lowered.insert(key - 3.0);
      keys = lowered;
    }
    REQUIRE(queue.size() == keys.size());
    REQUIRE(queue.empty() == keys.empty());
    if (!keys.empty()) REQUIRE(queue.front().key == *keys.begin());
  }
}
