#include <stdexcept>

#include "sim/rounds/round_policy.h"
#include "tests/support/arrivals.h"
#include "tests/support/catch.h"

using namespace sim;
using tests::arrived;
using namespace std::chrono_literals;

namespace {
using Messages = std::vector<MessageId>;
}

TEST_CASE("a barrier acts on all workers at once when the last arrives, and on nobody before") {
  const auto barrier = make_barrier(3);
  for (int round = 0; round < 3; ++round) {
    const Time begin = kTimeZero + round * 10s;
    for (const auto& [when, worker] : {std::pair(begin + 1s, 2), std::pair(begin + 5s, 0)}) {
      const RoundDecision early = barrier->on_instant(when, arrived({worker}), {});
      CHECK(early.apply.empty());
      CHECK(early.reply.empty());
      CHECK_FALSE(barrier->deadline().has_value());
    }
    const RoundDecision last = barrier->on_instant(begin + 9s, arrived({1}), {});
    CHECK(last.apply.members() == Messages{0, 1, 2});
    CHECK(last.apply.size() == 1);
    CHECK(last.reply == Messages{0, 1, 2});
  }
}

TEST_CASE("workers that arrive at a barrier in one instant are one round, and one worker needs nobody") {
  CHECK(make_barrier(3)->on_instant(kTimeZero + 1s, arrived({0, 1, 2}), {}).apply.members() == Messages{0, 1, 2});
  CHECK(make_barrier(1)->on_instant(kTimeZero + 1s, arrived({0}), {}).reply == Messages{0});
  CHECK_THROWS_AS(make_barrier(0), std::invalid_argument);
}
