#include <map>
#include <utility>

#include "sim/event_queue.h"
#include "sim/random.h"
#include "tests/support/catch.h"

using namespace sim;

namespace {
Time at(int64_t ns) { return Time{Duration{ns}}; }
}  // namespace

TEST_CASE("events at one instant come out in the order they went in") {
  EventQueue queue;
  for (uint32_t i = 0; i < 1000; ++i) queue.push({at(i % 3), i});
  for (uint32_t instant = 0; instant < 3; ++instant)
    for (uint32_t i = instant; i < 1000; i += 3) {
      REQUIRE(queue.next_time() == at(instant));
      REQUIRE(queue.pop().entity == i);
    }
  CHECK(queue.empty());
}

TEST_CASE("an event comes out as it went in") {
  EventQueue queue;
  queue.push({at(7), 4'000'000'000u, 65'535, 12'345});
  const Event event = queue.pop();
  CHECK(event.time == at(7));
  CHECK(event.entity == 4'000'000'000u);
  CHECK(event.kind == 65'535);
  CHECK(event.generation == 12'345);
}

// A multimap inserts equal keys behind one another: the same total order by other means.
TEST_CASE("the event queue agrees with a multimap under random pushes and pops with many ties") {
  const uint64_t spread = GENERATE(as<uint64_t>{}, 1, 3, 50, 1'000'000'000);  // of times: from all tied to hardly any
  const uint64_t percent_pushes = GENERATE(as<uint64_t>{}, 50, 60);           // the queue stays small, or grows
  const RandomStream draw(17, "event queue test", spread);
  EventQueue queue;
  std::multimap<Time, uint32_t> oracle;
  Time now = kTimeZero;
  for (uint32_t i = 0; i < 20'000; ++i) {
    if (oracle.empty() || draw.below(100, 2 * i) < percent_pushes) {
      const Time time = now + Duration{static_cast<int64_t>(draw.below(spread, 2 * i + 1))};
      queue.push({time, i});
      oracle.emplace(time, i);
    } else {
      const Event event = queue.pop();
      REQUIRE(std::pair(event.time, event.entity) == std::pair(oracle.begin()->first, oracle.begin()->second));
      oracle.erase(oracle.begin());
      now = event.time;
    }
    REQUIRE(queue.size() == oracle.size());
    if (!oracle.empty()) REQUIRE(queue.next_time() == oracle.begin()->first);
  }
  for (const auto& [time, id] : oracle) {
    const Event event = queue.pop();
    REQUIRE(std::pair(event.time, event.entity) == std::pair(time, id));
  }
  CHECK(queue.empty());
}
