#include "sim/rounds/round_policy.h"
#include "tests/support/catch.h"
#include "tests/support/times.h"

using namespace sim;
using namespace std::chrono_literals;
using tests::at;

namespace {

/// One arrival at that time, and what the server decides.
RoundDecision push(RoundPolicy& policy, Time now, Arrival arrival, Pushed pushed, int gone = 0) {
  return policy.on_instant(now, std::vector{arrival}, {0, {}, gone, std::vector{pushed}});
}
std::vector<MessageId> first(const RoundDecision& decision) {
  const auto batch = decision.apply[0];
  return {batch.begin(), batch.end()};
}

}  // namespace

TEST_CASE("a server that asks takes fragments in turn, each once the quorum and the slack are there") {
  const auto policy = make_pull(3, 2, 1, 1.0, 2.0);
  REQUIRE(policy->deadline() == kTimeZero);
  CHECK(policy->on_instant(kTimeZero, {}, {}).ask == 0);
  CHECK_FALSE(policy->deadline());
  // Steps of 4 s, the quorum after 5 s, a second on its way: 2·4 − 5 − 1 = 2 s are left.
  CHECK(push(*policy, at(5s), {0, 0, {}}, {at(4s), 4s}).apply.empty());
  REQUIRE(policy->deadline() == at(7s));
  CHECK(push(*policy, at(6s), {2, 0, {}}, {at(5s), 4s}).apply.empty());
  const RoundDecision closed = policy->on_instant(at(7s), {}, {});
  CHECK(first(closed) == std::vector<MessageId>{0, 2});
  CHECK(closed.reply == std::vector<MessageId>{0, 2});
  CHECK(closed.broadcast == 0);
  CHECK(closed.ask == 1);
  // The third one's answer to the first question comes in the second's turn.
  const RoundDecision late = push(*policy, at(8s), {4, 0, {}}, {at(6s), 4s});
  CHECK(late.apply.empty());
  CHECK(late.discard == std::vector<MessageId>{4});
  CHECK(late.reply == std::vector<MessageId>{4});
}

TEST_CASE("who asked does not wait for slack when all are there, nor for those gone for good") {
  const auto policy = make_pull(3, 1, 2, 1.0, 10.0);
  policy->on_instant(kTimeZero, {}, {});
  CHECK(push(*policy, at(1s), {0, 0, {}}, {at(1s), 1s}).apply.empty());
  CHECK_FALSE(policy->deadline());  // no quorum
  CHECK(push(*policy, at(2s), {1, 0, {}}, {at(2s), 1s}).apply.empty());
  CHECK(policy->deadline() == at(3s));  // never longer than a step
  CHECK(first(push(*policy, at(2500ms), {2, 0, {}}, {at(2500ms), 1s})) == std::vector<MessageId>{0, 1, 2});
  // The same message's answer to the question before.
  CHECK(push(*policy, at(4s), {1, 0, {}}, {at(2400ms), 1s}).discard == std::vector<MessageId>{1});
  CHECK(push(*policy, at(5s), {0, 0, {}}, {at(5s), 1s}, 2).apply.size() == 1);
}

TEST_CASE("a pull needs a quorum of the workers, fragments, and times to wait that are numbers") {
  CHECK_THROWS_AS(make_pull(3, 1, 0, 1, 1), std::invalid_argument);
  CHECK_THROWS_AS(make_pull(3, 1, 4, 1, 1), std::invalid_argument);
  CHECK_THROWS_AS(make_pull(3, 0, 1, 1, 1), std::invalid_argument);
  CHECK_THROWS_AS(make_pull(3, 1, 1, -1, 1), std::invalid_argument);
}
