#include <map>
#include <utility>

#include "sim/event_queue.h"
#include "sim/radix_queue.h"
#include "sim/random.h"
#include "tests/support/catch.h"

using namespace sim;

namespace {
Time at(int64_t ns) { return Time{Duration{ns}}; }
}  // namespace

TEMPLATE_TEST_CASE("events at one instant come out in the order they went in", "", EventQueue, RadixQueue) {
  TestType queue;
  for (uint32_t i = 0; i < 1000; ++i) queue.push({at(i % 3), i});
  for (uint32_t instant = 0; instant < 3; ++instant)
    for (uint32_t i = instant; i < 1000; i += 3) {
      REQUIRE(queue.next_time() == at(instant));
      REQUIRE(queue.pop().entity == i);
    }
  CHECK(queue.empty());
}

TEMPLATE_TEST_CASE("an event comes out as it went in", "", EventQueue, RadixQueue) {
  TestType queue;
  queue.push({at(7), 4'000'000'000u, 65'535, 12'345});
  const Event event = queue.pop();
  CHECK(event.time == at(7));
  CHECK(event.entity == 4'000'000'000u);
  CHECK(event.kind == 65'535);
  CHECK(event.generation == 12'345);
}

// A multimap inserts equal keys behind one another: the same total order by other means.
TEMPLATE_TEST_CASE("the event queue agrees with a multimap under random pushes and pops with many ties", "", EventQueue,
                   RadixQueue) {
  const uint64_t spread = GENERATE(as<uint64_t>{}, 1, 3, 50, 1'000'000'000);  // of times: from all tied to hardly any
  const uint64_t percent_pushes = GENERATE(as<uint64_t>{}, 50, 60);           // the queue stays small, or grows
  const RandomStream draw(17, "event queue test", spread);
  TestType queue;
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

TEST_CASE("the heap and the radix heap pop the same events in the same order, however far apart their times lie") {
  // 2^k ns apart up to the clock's end: every digit of a time, and the step from one structure to the other.
  const RandomStream draw(3, "radix queue test");
  EventQueue queue;
  RadixQueue radix;
  uint64_t n = 0;
  Time now = kTimeZero;
  const auto push = [&](Time time) {
    const Event event{time, static_cast<uint32_t>(n), 0, 0};
    queue.push(event);
    radix.push(event);
    ++n;
  };
  for (int i = 0; i < 60'000; ++i) {
    const uint64_t room = static_cast<uint64_t>((Time::max() - now).count());
    const uint64_t scale = uint64_t{1} << draw.below(48, 3 * n);
    push(now + Duration{static_cast<int64_t>(draw.below(std::min(scale, room) + 1, 3 * n + 1))});
    if (i % 3 == 2) {
      REQUIRE(queue.next_time() == radix.next_time());
      const Event a = queue.pop(), b = radix.pop();
      REQUIRE(std::pair(a.time, a.entity) == std::pair(b.time, b.entity));
      now = a.time;
    }
  }
  while (!radix.empty()) {
    const Event a = queue.pop(), b = radix.pop();
    REQUIRE(std::pair(a.time, a.entity) == std::pair(b.time, b.entity));
  }
  CHECK(queue.empty());
}

TEST_CASE("a queue that outgrew its heap keeps the order while it shrinks to nothing, and when it grows again") {
  const RandomStream draw(7, "shrinking queue test");
  EventQueue queue;
  std::multimap<Time, uint32_t> oracle;
  Time now = kTimeZero;
  uint32_t n = 0;
  const auto push = [&] {
    const Time time = now + Duration{static_cast<int64_t>(draw.below(1000, n))};
    queue.push({time, n});
    oracle.emplace(time, n++);
  };
  const auto pop = [&] {
    const Event event = queue.pop();
    REQUIRE(std::pair(event.time, event.entity) == std::pair(oracle.begin()->first, oracle.begin()->second));
    oracle.erase(oracle.begin());
    now = event.time;
  };
  for (int round = 0; round < 2; ++round) {
    while (queue.size() <= EventQueue::kHeapMost) push();
    while (!queue.empty()) {
      pop();
      if (!queue.empty()) pop();
      if (!queue.empty()) push();
    }
  }
}

TEST_CASE("looking at the next time does not move the radix heap: an earlier event may still be pushed") {
  RadixQueue queue;
  queue.push({at(1000), 1});
  queue.push({at(5000), 2});
  CHECK(queue.next_time() == at(1000));
  CHECK(queue.pop().entity == 1);
  CHECK(queue.next_time() == at(5000));
  queue.push({at(1001), 3});
  CHECK(queue.next_time() == at(1001));
  CHECK(queue.pop().entity == 3);
  CHECK(queue.pop().entity == 2);
}

TEST_CASE("a large queue names an event that is pending as one of the next, a small one none") {
  EventQueue queue;
  CHECK(queue.soon() == -1);
  const RandomStream draw(1, "soon");
  for (uint32_t i = 0; i <= EventQueue::kHeapMost; ++i) queue.push({at(static_cast<int64_t>(draw.below(3000, i))), i});
  size_t named = 0;
  std::vector<bool> popped(queue.size());
  for (int64_t soon = -1; !queue.empty(); soon = queue.empty() ? -1 : queue.soon()) {
    const Event event = queue.pop();
    named += event.entity == soon;
    popped[event.entity] = true;
    if (!queue.empty()) REQUIRE(!popped[static_cast<size_t>(queue.soon())]);
  }
  CHECK(named > EventQueue::kHeapMost / 2);  // the very next, mostly
}

TEST_CASE("a million events take at most 24 bytes each in the radix heap, at any moment of a run") {
  const RandomStream draw(5, "radix memory test");
  RadixQueue queue;
  for (uint32_t i = 0; i < 1'000'000; ++i) queue.push({at(static_cast<int64_t>(draw.below(1'000'000'000, i))), i});
  for (uint32_t i = 0; i < 300'000; ++i) {
    const Event event = queue.pop();
    queue.push({event.time + Duration{static_cast<int64_t>(draw.below(2'000'000'000, 1'000'000 + i))}, i});
  }
  CHECK(queue.bytes() <= 24'000'000);
}
