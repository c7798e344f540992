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
constexpr GraceMode kWait = GraceMode::wait;
constexpr GraceMode kLookahead = GraceMode::lookahead;

RoundView others(int in_flight) { return {in_flight, {}, 0}; }
RoundView others(int in_flight, Duration next) { return {in_flight, at(next), 0}; }

}  // namespace

TEST_CASE("each arrival is applied at once, one by one, in both grace modes") {
  const GraceMode mode = GENERATE(kWait, kLookahead);
  const auto policy = make_grace_window(1s, mode);
  const RoundDecision first = policy->on_instant(at(10s), arrived({1, 3}), others(2, 10500ms));
  CHECK(first.apply.members() == Messages{1, 3});
  CHECK(first.apply.size() == first.apply.members().size());
  CHECK(first.reply.empty());
  const RoundDecision second = policy->on_instant(at(10500ms), arrived({0}), others(1, 10600ms));
  CHECK(second.apply.members() == Messages{0});
  CHECK(second.apply.size() == second.apply.members().size());
}

TEST_CASE("waiting, all workers of a window start when it closes, in worker order") {
  const auto policy = make_grace_window(1s, kWait);
  CHECK_FALSE(policy->deadline().has_value());
  CHECK(policy->on_instant(at(10s), arrived({3}), others(3)).reply.empty());
  CHECK(policy->deadline() == at(11s));
  CHECK(policy->on_instant(at(10400ms), arrived({1}), others(2)).reply.empty());
  CHECK(policy->deadline() == at(11s));  // of the opening, not of the latest arrival
  const RoundDecision close = policy->on_instant(at(11s), arrived({}), others(2));
  CHECK(close.apply.empty());
  CHECK(close.reply == Messages{1, 3});
  CHECK_FALSE(policy->deadline().has_value());

  CHECK(policy->on_instant(at(20s), arrived({0}), others(3)).reply.empty());  // a new window of its own
  CHECK(policy->deadline() == at(21s));
}

TEST_CASE("an arrival at exactly opening plus grace belongs to the window, one a nanosecond later does not") {
  const auto waiting = make_grace_window(1s, kWait);
  waiting->on_instant(at(10s), arrived({3}), others(3));
  CHECK(waiting->on_instant(at(11s), arrived({0}), others(2)).reply == Messages{0, 3});

  const auto looking = make_grace_window(1s, kLookahead);
  CHECK(looking->on_instant(at(10s), arrived({3}), others(3, 11s)).reply.empty());
  CHECK(looking->on_instant(at(11s), arrived({0}), others(2, 11s + 1ns)).reply == Messages{0, 3});
  CHECK(looking->on_instant(at(20s), arrived({3}), others(3, 21s + 1ns)).reply == Messages{3});
}

TEST_CASE("with lookahead the window closes at its last arrival; waiting, at its deadline") {
  const auto looking = make_grace_window(1s, kLookahead);
  CHECK(looking->on_instant(at(10s), arrived({2}), others(2, 10300ms)).reply.empty());
  CHECK(looking->on_instant(at(10300ms), arrived({0}), others(1, 12s)).reply == Messages{0, 2});
  CHECK_FALSE(looking->deadline().has_value());

  const auto waiting = make_grace_window(1s, kWait);  // sees the same future and makes no use of it
  waiting->on_instant(at(10s), arrived({2}), others(2, 10300ms));
  CHECK(waiting->on_instant(at(10300ms), arrived({0}), others(1, 12s)).reply.empty());
  CHECK(waiting->on_instant(at(11s), arrived({}), others(1, 12s)).reply == Messages{0, 2});
}

TEST_CASE("a window closes as soon as nobody is in flight") {
  const GraceMode mode = GENERATE(kWait, kLookahead);
  const auto policy = make_grace_window(100s, mode);
  CHECK(policy->on_instant(at(10s), arrived({1}), others(1, 12s)).reply.empty());
  CHECK(policy->on_instant(at(12s), arrived({0}), others(0)).reply == Messages{0, 1});
  CHECK_FALSE(policy->deadline().has_value());
}

TEST_CASE("grace 0 lets arrivals of one instant share a window, nothing more") {
  const GraceMode mode = GENERATE(kWait, kLookahead);
  const auto policy = make_grace_window(0s, mode);
  CHECK(policy->on_instant(at(10s), arrived({0, 2}), others(2, 10s + 1ns)).reply == Messages{0, 2});
  CHECK(policy->on_instant(at(10s + 1ns), arrived({1}), others(2, 30s)).reply == Messages{1});
}

TEST_CASE("a grace beyond the end of time waits for everyone") {
  const auto policy = make_grace_window(Duration::max(), kWait);
  CHECK(policy->on_instant(at(10s), arrived({0}), others(1)).reply.empty());
  CHECK(policy->deadline() == Time::max());
  CHECK(policy->on_instant(at(50s), arrived({1}), others(0)).reply == Messages{0, 1});
}

TEST_CASE("an instant without arrivals and without a window changes nothing") {
  const auto policy = make_grace_window(1s, kWait);
  const RoundDecision decision = policy->on_instant(at(1s), arrived({}), others(2));
  CHECK(decision.apply.empty());
  CHECK(decision.reply.empty());
  CHECK_FALSE(policy->deadline().has_value());
}

TEST_CASE("a negative grace and lookahead into an unknown future are refused") {
  CHECK_THROWS_AS(make_grace_window(-1ns, kWait), std::invalid_argument);
  CHECK_THROWS_AS(make_grace_window(1s, kLookahead)->on_instant(at(1s), arrived({0}), others(1)), std::logic_error);
}
