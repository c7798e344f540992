#include <algorithm>
#include <set>

#include "sim/event_queue.h"
#include "sim/random.h"
#include "sim/rounds/round_policy.h"
#include "sim/rounds/sync_plan.h"
#include "sim/workers/steady.h"
#include "tests/support/arrivals.h"
#include "tests/support/catch.h"

using namespace sim;
using namespace std::chrono_literals;

namespace {

const std::vector<double> kSecondsPerStep = {0.58, 0.75, 1.51, 3.33};

struct Applied {
  Time time;
  int64_t steps;  ///< local steps of all updates applied up to now
};

/// The server loop and nothing else: no model, no links. Returns what was applied, until `budget` local steps are.
std::vector<Applied> run(RoundPolicy& policy, const SyncPlan& plan, int64_t budget,
                         const std::vector<double>& pace = kSecondsPerStep) {
  const int workers = static_cast<int>(pace.size());
  EventQueue arrivals;
  const auto dispatch = [&](NodeId w, Time now) {
    const SteadySpeed speed(pace[static_cast<size_t>(w)]);
    arrivals.push({finish_time(speed, now, static_cast<double>(plan.next(w).progress)), static_cast<uint32_t>(w)});
  };
  for (NodeId w = 0; w < workers; ++w) dispatch(w, kTimeZero);

  std::vector<Applied> log;
  int64_t steps = 0;
  while (steps < budget) {
    const Time deadline = policy.deadline().value_or(Time::max());
    const Time now = arrivals.empty() ? deadline : std::min(deadline, arrivals.next_time());
    std::vector<NodeId> arrived;
    while (!arrivals.empty() && arrivals.next_time() == now)
      arrived.push_back(static_cast<NodeId>(arrivals.pop().entity));
    std::sort(arrived.begin(), arrived.end());
    RoundView view{static_cast<int>(arrivals.size()), {}, 0};
    if (!arrivals.empty()) view.next_arrival = arrivals.next_time();
    const RoundDecision decision = policy.on_instant(now, tests::arrived(arrived), view);
    for (const NodeId w : decision.apply.members()) log.push_back({now, steps += plan.next(w).progress});
    for (const NodeId w : decision.reply) dispatch(w, now);
  }
  return log;
}

/// The same by other means, window by window and without events: sorted completion times, the earliest opens, all
/// within grace join.
std::vector<Applied> run_by_windows(Duration grace, GraceMode mode, const std::vector<double>& pace,
                                    const SyncPlan& plan, int64_t budget) {
  std::set<std::pair<Time, NodeId>> running;
  const auto dispatch = [&](NodeId w, Time now) {
    running.emplace(now + plan.next(w).progress * from_seconds(pace[static_cast<size_t>(w)]), w);
  };
  for (NodeId w = 0; w < static_cast<int>(pace.size()); ++w) dispatch(w, kTimeZero);
  std::vector<Applied> log;
  int64_t steps = 0;
  while (steps < budget) {
    const Time end = running.begin()->first + grace;
    std::vector<NodeId> window;
    while (!running.empty() && running.begin()->first <= end) {
      const auto [time, w] = *running.begin();
      running.erase(running.begin());
      log.push_back({time, steps += plan.next(w).progress});
      window.push_back(w);
    }
    const bool early = mode == GraceMode::lookahead || running.empty();
    for (const NodeId w : window) dispatch(w, early ? log.back().time : end);
  }
  return log;
}

Time first_reaching(const std::vector<Applied>& log, int64_t steps) {
  return std::find_if(log.begin(), log.end(), [&](const Applied& a) { return a.steps >= steps; })->time;
}

}  // namespace

// Source: the authors' published notebook (google-deepmind/asyncdiloco), whose simulation looks ahead.
TEST_CASE("asynchronous timings agree with the authors' notebook to the nanosecond") {
  const auto policy = make_grace_window(500ms, GraceMode::lookahead);
  const auto log = run(*policy, *make(EqualStepsConfig{20}, {}), 4000);
  CHECK(first_reaching(log, 800) == kTimeZero + 209s);
  CHECK(first_reaching(log, 1600) == kTimeZero + 406'400ms);
  CHECK(first_reaching(log, 2400) == kTimeZero + 603'800ms);
  CHECK(first_reaching(log, 3200) == kTimeZero + 801'400ms);
  CHECK(first_reaching(log, 4000) == kTimeZero + 999s);
}

TEST_CASE("synchronously every 80 local steps take the slowest worker's 66.6 s") {
  const auto policy = make_barrier(4);
  const auto log = run(*policy, *make(EqualStepsConfig{20}, {}), 4000);
  REQUIRE(log.size() == 200);
  for (size_t i = 0; i < log.size(); ++i)
    REQUIRE(log[i].time == kTimeZero + static_cast<int64_t>(i / 4 + 1) * 66'600ms);
}

TEST_CASE("a causal window costs time against lookahead, and none without grace") {
  const auto last = [](Duration grace, GraceMode mode) {
    const auto policy = make_grace_window(grace, mode);
    return run(*policy, *make(EqualStepsConfig{20}, {}), 4000).back().time;
  };
  CHECK(last(500ms, GraceMode::wait) > last(500ms, GraceMode::lookahead));
  CHECK(last(0s, GraceMode::wait) == last(0s, GraceMode::lookahead));
}

TEST_CASE("the event loop with a grace window agrees with windows worked out by sorting") {
  const GraceMode mode = GENERATE(GraceMode::wait, GraceMode::lookahead);
  const RandomStream draw(5, "random workers");
  uint64_t draws = 0;
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<double> pace(1 + draw.below(8, draws++));
    for (double& p : pace) p = 0.25 * static_cast<double>(1 + draw.below(12, draws++));  // few values: many ties
    const Duration grace = 250ms * static_cast<int64_t>(draw.below(20, draws++));
    const auto plan = make(EqualStepsConfig{static_cast<int64_t>(1 + draw.below(4, draws++))}, {});
    const auto policy = make_grace_window(grace, mode);
    const auto expected = run_by_windows(grace, mode, pace, *plan, 500);
    const auto log = run(*policy, *plan, 500, pace);
    REQUIRE(log.size() <= expected.size());  // the last window may be cut where the budget is met
    for (size_t i = 0; i < log.size(); ++i) {
      REQUIRE(log[i].time == expected[i].time);
      REQUIRE(log[i].steps == expected[i].steps);
    }
  }
}

// The slowest completion of ⌊20 · 0.58 / s⌋ steps is the fastest worker's 11.6 s, the earliest 9.99 s: a grace of 2 s
// covers them all, and every window is a round of 20 + 15 + 7 + 3 = 45 local steps by all four.
TEST_CASE("dynamic steps under a long grace make every window a full round of the fastest worker") {
  const auto policy = make_grace_window(2s, GraceMode::lookahead);
  std::vector<double> speeds;
  for (const double s : kSecondsPerStep) speeds.push_back(1.0 / s);
  const auto log = run(*policy, *make_dynamic_steps(20, speeds), 143 * 45);
  REQUIRE(log.size() == 4 * 143);
  for (size_t round = 0; round < 143; ++round) {
    REQUIRE(log[4 * round].time == kTimeZero + round * 11'600ms + 9'990ms);
    REQUIRE(log[4 * round + 3].time == kTimeZero + (round + 1) * 11'600ms);
    REQUIRE(log[4 * round + 3].steps == static_cast<int64_t>(45 * (round + 1)));
  }
}
