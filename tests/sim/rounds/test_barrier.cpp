#include <stdexcept>

#include "sim/rounds/round_policy.h"
#include "tests/support/catch.h"

using namespace sim;
using namespace std::chrono_literals;

namespace {
using Workers = std::vector<WorkerId>;
}

TEST_CASE("a barrier acts on all workers at once when the last arrives, and on nobody before") {
  const auto barrier = make_barrier(3);
  for (int round = 0; round < 3; ++round) {
    const Time begin = kTimeZero + round * 10s;
    for (const auto& [when, worker] : {std::pair(begin + 1s, 2), std::pair(begin + 5s, 0)}) {
      const RoundDecision early = barrier->on_instant(when, Workers{worker}, {});
      CHECK(early.apply.empty());
      CHECK(early.dispatch.empty());
      CHECK_FALSE(barrier->deadline().has_value());
    }
    const RoundDecision last = barrier->on_instant(begin + 9s, Workers{1}, {});
    CHECK(last.apply == Workers{0, 1, 2});
    CHECK(last.together);
    CHECK(last.dispatch == Workers{0, 1, 2});
  }
}

TEST_CASE("workers that arrive at a barrier in one instant are one round, and one worker needs nobody") {
  CHECK(make_barrier(3)->on_instant(kTimeZero + 1s, Workers{0, 1, 2}, {}).apply == Workers{0, 1, 2});
  CHECK(make_barrier(1)->on_instant(kTimeZero + 1s, Workers{0}, {}).dispatch == Workers{0});
  CHECK_THROWS_AS(make_barrier(0), std::invalid_argument);
}
