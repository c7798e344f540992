#include <stdexcept>

#include "sim/rounds/round_policy.h"
#include "tests/support/arrivals.h"
#include "tests/support/catch.h"
#include "tests/support/times.h"

using namespace sim;
using tests::arrived;
using tests::at;
using namespace std::chrono_literals;

namespace {

using Messages = std::vector<MessageId>;
/// One instant with arrivals that were all dispatched at `dispatched`.
RoundDecision arrive(RoundPolicy& policy, Time now, const Messages& messages, Time dispatched, int gone = 0) {
  return policy.on_instant(now, arrived(messages, dispatched), {.in_flight = 1, .next_arrival = {}, .gone = gone});
}

}  // namespace

TEST_CASE("a quorum of all workers is the barrier") {
  const auto policy = make_quorum(3, 3, 1s);
  CHECK(arrive(*policy, at(5s), {2}, at(0s)).apply.empty());
  CHECK(arrive(*policy, at(6s), {0}, at(0s)).reply.empty());
  const RoundDecision last = arrive(*policy, at(9s), {1}, at(0s));
  CHECK(last.apply.members() == Messages{0, 1, 2});
  CHECK(last.apply.size() == 1);
  CHECK(last.reply == Messages{0, 1, 2});
}

TEST_CASE("once its deadline has passed a round closes with the quorum, at once or at the arrival that completes it") {
  const auto policy = make_quorum(4, 2, 10s);
  CHECK(policy->deadline() == at(10s));
  CHECK(arrive(*policy, at(3s), {1}, at(0s)).apply.empty());
  CHECK(arrive(*policy, at(4s), {3}, at(0s)).apply.empty());  // the quorum is there, the deadline is not
  const RoundDecision close = policy->on_instant(at(10s), {}, {.in_flight = 2, .next_arrival = {}, .gone = 0});
  CHECK(close.apply.members() == Messages{1, 3});
  CHECK(close.reply == Messages{1, 3});
  CHECK(policy->deadline() == at(20s));  // of the next round

  CHECK(arrive(*policy, at(12s), {1}, at(10s)).apply.empty());
  CHECK(policy->on_instant(at(20s), {}, {.in_flight = 3, .next_arrival = {}, .gone = 0}).apply.empty());
  CHECK_FALSE(policy->deadline().has_value());  // passed: now it waits for arrivals
  CHECK(arrive(*policy, at(21s), {3}, at(10s)).apply.members() == Messages{1, 3});
}

TEST_CASE("who arrives after its round has closed is thrown away and joins the round then open") {
  const auto policy = make_quorum(3, 2, 0s);
  CHECK(arrive(*policy, at(1s), {0}, at(0s)).apply.empty());
  CHECK(arrive(*policy, at(2s), {1}, at(0s)).apply.members() == Messages{0, 1});
  const RoundDecision late = arrive(*policy, at(3s), {2}, at(0s));
  CHECK(late.apply.empty());
  CHECK(late.discard == Messages{2});
  CHECK(late.reply == Messages{2});
  const RoundDecision next = arrive(*policy, at(4s), {0, 2}, at(3s));  // one of them dispatched in the new round
  CHECK(next.apply.members() == Messages{0, 2});
  CHECK(next.discard.empty());
}

TEST_CASE("a round does not wait for workers that have left for good, and needs somebody") {
  const auto policy = make_quorum(3, 3, 1s);
  CHECK(arrive(*policy, at(5s), {2}, at(0s), 1).apply.empty());
  CHECK(arrive(*policy, at(6s), {0}, at(0s), 1).apply.members() == Messages{0, 2});
  const auto barrier = make_barrier(2);
  CHECK(barrier->on_instant(at(1s), {}, {.in_flight = 0, .next_arrival = {}, .gone = 2}).apply.empty());
  CHECK(barrier->on_instant(at(1s), arrived({1}), {.in_flight = 0, .next_arrival = {}, .gone = 1}).apply.members() ==
        Messages{1});
}

TEST_CASE("a quorum of nobody or of more than all, and a negative deadline, are refused") {
  CHECK_THROWS_AS(make_quorum(3, 0, 1s), std::invalid_argument);
  CHECK_THROWS_AS(make_quorum(3, 4, 1s), std::invalid_argument);
  CHECK_THROWS_AS(make_quorum(3, 2, -1ns), std::invalid_argument);
}
