#include <functional>

#include "sim/clock/run_clock.h"
#include "sim/network/private_links.h"
#include "tests/support/catch.h"
#include "tests/support/small_clock.h"

using namespace sim;
using tests::parts_of;
using namespace std::chrono_literals;

namespace {

std::string text_of(const Counters& at) {
  return "at " + std::to_string(at.time.time_since_epoch() / 1s) + " s, update " + std::to_string(at.server_updates) +
         ", step " + std::to_string(at.local_steps);
}

/// Behind a node, where it is not the first fragment.
std::string part(FragmentId fragment) { return fragment ? "." + std::to_string(fragment) : ""; }

/// A line per action.
std::string text_of(const Score& score) {
  struct Text {
    std::string operator()(const Train& a) const {
      return "train " + std::to_string(a.worker) + ": shard " + std::to_string(a.shard) + ", steps " +
             std::to_string(a.first_example) + " to " + std::to_string(a.first_example + a.steps);
    }
    std::string operator()(const Apply& a) const {
      std::string text = "apply" + part(a.fragment);
      for (const auto& [from, staleness] : a.batch)
        text += " " + std::to_string(from) + (staleness ? " (stale " + std::to_string(staleness) + ")" : "");
      return text + ": " + text_of(a.at);
    }
    std::string operator()(const Drop& a) const { return "drop " + std::to_string(a.worker); }
    std::string operator()(const Forget& a) const { return "forget " + std::to_string(a.worker); }
    std::string operator()(const Send& a) const { return "send " + std::to_string(a.from) + part(a.fragment); }
    std::string operator()(const Answer& a) const { return "answer " + std::to_string(a.to) + part(a.fragment); }
    std::string operator()(const Merge& a) const { return "merge " + std::to_string(a.into) + part(a.fragment); }
    std::string operator()(const Evaluate& a) const { return "evaluate: " + text_of(a.at); }
  };
  std::string text;
  for (const Action& action : score) text += std::visit(Text{}, action) + "\n";
  return text;
}

Score score_of(ClockParts parts, std::optional<int64_t> most = {}) {
  Score score;
  run_clock(parts, {.write = append_to(score), .most_actions = most});
  return score;
}

ClockParts asynchronous() { return parts_of({1, 3}, make_grace_window({}, GraceMode::wait)); }

}  // namespace

TEST_CASE("golden score: a barrier waits for the slower of two workers and applies their mean") {
  CHECK(text_of(score_of(parts_of({1, 3}, make_barrier(2)))) ==
        "evaluate: at 0 s, update 0, step 0\n"
        "train 0: shard 0, steps 0 to 2\n"
        "train 1: shard 1, steps 0 to 2\n"
        "apply 0 1: at 8 s, update 1, step 4\n"
        "evaluate: at 8 s, update 1, step 4\n"
        "train 0: shard 0, steps 2 to 4\n"
        "train 1: shard 1, steps 2 to 4\n"
        "apply 0 1: at 16 s, update 2, step 8\n"
        "evaluate: at 16 s, update 2, step 8\n");
}

TEST_CASE("golden score: without a wait the faster worker goes on, and the slower one's update is stale") {
  CHECK(text_of(score_of(asynchronous())) ==
        "evaluate: at 0 s, update 0, step 0\n"
        "train 0: shard 0, steps 0 to 2\n"
        "train 1: shard 1, steps 0 to 2\n"
        "apply 0: at 4 s, update 1, step 2\n"
        "train 0: shard 0, steps 2 to 4\n"
        "apply 0: at 8 s, update 2, step 4\n"
        "evaluate: at 8 s, update 2, step 4\n"
        "apply 1 (stale 2): at 8 s, update 3, step 6\n"
        "train 0: shard 0, steps 4 to 6\n"
        "train 1: shard 1, steps 2 to 4\n"
        "apply 0: at 12 s, update 4, step 8\n"
        "evaluate: at 12 s, update 4, step 8\n");
}

TEST_CASE("golden score: a crash gives the round up, and what is too stale is dropped though its steps are spent") {
  ClockParts parts = asynchronous();
  parts.servers[0].most_staleness = 1;
  parts.workers.availability = PerWorker<std::shared_ptr<const Availability>>(
      {make_scheduled_availability({{kTimeZero, kTimeZero + 5s}, {kTimeZero + 6s, Time::max()}}), nullptr});
  CHECK(text_of(score_of(std::move(parts))) ==
        "evaluate: at 0 s, update 0, step 0\n"
        "train 0: shard 0, steps 0 to 2\n"
        "train 1: shard 1, steps 0 to 2\n"
        "apply 0: at 4 s, update 1, step 2\n"
        "train 0: shard 0, steps 2 to 4\n"
        "forget 0\n"
        "train 0: shard 0, steps 4 to 6\n"
        "apply 1 (stale 1): at 8 s, update 2, step 4\n"
        "evaluate: at 8 s, update 2, step 4\n"
        "train 1: shard 1, steps 2 to 4\n"
        "apply 0 (stale 1): at 10 s, update 3, step 6\n"
        "train 0: shard 0, steps 6 to 8\n"
        "apply 0: at 14 s, update 4, step 8\n"
        "evaluate: at 14 s, update 4, step 8\n");
}

namespace {

/// Two workers at 1 s a step, each with a server of its own that sends after every second update; 1 s to the root and
/// back. Nothing takes time within a region.
ClockParts two_regions() {
  ClockParts parts = parts_of({1, 1}, make_grace_window({}, GraceMode::wait));
  parts.workers.server = PerWorker<int>({0, 1});
  parts.servers.clear();
  for (int i = 0; i < 3; ++i) parts.servers.emplace_back().policies.push_back(make_grace_window({}, GraceMode::wait));
  for (Server& server : parts.servers) server.updates_per_send = 2;
  const LinkSpec second{1s, 0};
  parts.network =
      std::make_unique<PrivateLinks>(std::vector<PrivateLink>{{{}, {}}, {{}, {}}, {second, second}, {second, second}});
  parts.stop.local_steps = 16;
  parts.evaluate.local_steps = 100;
  return parts;
}

}  // namespace

TEST_CASE("golden score: servers of regions work on while what they sent travels, and send once per merge") {
  // Workers 0 and 1, their servers 2 and 3, the root 4. Sent at 4 s, at the root at 5 s, merged at 6 s, so the next
  // message leaves with the second update after that. Root updates count as server updates.
  CHECK(text_of(score_of(two_regions())) ==
        "evaluate: at 0 s, update 0, step 0\n"
        "train 0: shard 0, steps 0 to 2\n"
        "train 1: shard 1, steps 0 to 2\n"
        "apply 0: at 2 s, update 0, step 2\n"
        "train 0: shard 0, steps 2 to 4\n"
        "apply 1: at 2 s, update 0, step 4\n"
        "train 1: shard 1, steps 2 to 4\n"
        "apply 0: at 4 s, update 0, step 6\n"
        "send 2\n"
        "train 0: shard 0, steps 4 to 6\n"
        "apply 1: at 4 s, update 0, step 8\n"
        "send 3\n"
        "train 1: shard 1, steps 4 to 6\n"
        "apply 2: at 5 s, update 1, step 8\n"
        "apply 3 (stale 1): at 5 s, update 2, step 8\n"
        "answer 2\n"
        "answer 3\n"
        "merge 2\n"
        "merge 3\n"
        "apply 0: at 6 s, update 2, step 10\n"
        "train 0: shard 0, steps 6 to 8\n"
        "apply 1: at 6 s, update 2, step 12\n"
        "train 1: shard 1, steps 6 to 8\n"
        "apply 0: at 8 s, update 2, step 14\n"
        "send 2\n"
        "train 0: shard 0, steps 8 to 10\n"
        "apply 1: at 8 s, update 2, step 16\n"
        "evaluate: at 8 s, update 2, step 16\n");
}

TEST_CASE("golden score: in rounds of fixed time a worker's steps are known when it begins to compute") {
  ClockParts parts = parts_of({1, 3}, make_barrier(2));
  parts.plan = make(TimedStepsConfig{.seconds = 4}, {});
  CHECK(text_of(score_of(std::move(parts))) ==
        "evaluate: at 0 s, update 0, step 0\n"
        "answer 0\n"
        "answer 1\n"
        "train 0: shard 0, steps 0 to 4\n"
        "train 1: shard 1, steps 0 to 2\n"
        "apply 0 1: at 8 s, update 1, step 6\n"
        "evaluate: at 8 s, update 1, step 6\n"
        "answer 0\n"
        "answer 1\n"
        "train 0: shard 0, steps 4 to 8\n"
        "train 1: shard 1, steps 2 to 4\n"
        "apply 0 1: at 16 s, update 2, step 12\n"
        "evaluate: at 16 s, update 2, step 12\n");
}

TEST_CASE("rounds of 600 s at the notebook's speeds end with the slowest worker's last step") {
  ClockParts parts = parts_of({0.58, 0.75, 1.51, 3.33}, make_barrier(4));
  parts.network = std::make_unique<PrivateLinks>(std::vector<PrivateLink>(1));
  parts.plan = make(TimedStepsConfig{.seconds = 600}, {});
  parts.stop.local_steps = 1;
  const ClockLog log = run_clock(parts);
  CHECK(to_seconds(log.final.time) == Approx(602.73));
  std::vector<int64_t> steps;
  for (const ArrivalRecord& arrival : log.arrivals) steps.push_back(arrival.local_steps);
  CHECK(steps == std::vector<int64_t>{1035, 800, 398, 181});
}

TEST_CASE("rounds of fixed time in which nothing counts the steps are refused") {
  ClockParts parts = parts_of({1e-9, 1}, make_barrier(2));
  parts.plan = make(TimedStepsConfig{.seconds = 4}, {});
  CHECK_THROWS_WITH(run_clock(parts), Catch::Contains("/local_steps/seconds: a round would have more than 100000000"));
}

namespace {

/// Workers train on for `overlap` steps while a message travels; a round has four steps.
ClockParts overlapping(const std::vector<double>& paces, int fragments, std::optional<int64_t> overlap) {
  ClockParts parts = parts_of(paces, make_barrier(static_cast<int>(paces.size())));
  const LinkSpec link{1s, 0};
  parts.network =
      std::make_unique<PrivateLinks>(PerWorker<PrivateLink>({{link, link}}), MessageNumbers{fragments}, paces.size());
  for (int f = 1; f < fragments; ++f) parts.servers[0].policies.push_back(make_barrier(static_cast<int>(paces.size())));
  parts.fragments.resize(static_cast<size_t>(fragments));
  parts.overlap = Overlap{overlap};
  parts.plan = make(EqualStepsConfig{4}, {});
  parts.evaluate.local_steps = 8;
  return parts;
}

}  // namespace

TEST_CASE("golden score: two fragments leave in turn, and each lands a step after it has left") {
  // A step takes 2 s, a message 1 s: the answer is there just in time, and nobody waits after the start.
  ClockParts parts = overlapping({2, 2}, 2, 1);
  Score score;
  const ClockLog log = run_clock(parts, {.write = append_to(score)});
  CHECK(text_of(score) ==
        "evaluate: at 0 s, update 0, step 0\n"
        "answer 0\nanswer 0.1\nanswer 1\nanswer 1.1\n"
        "merge 0\nmerge 0.1\ntrain 0: shard 0, steps 0 to 2\n"
        "merge 1\nmerge 1.1\ntrain 1: shard 1, steps 0 to 2\n"
        "send 0.1\ntrain 0: shard 0, steps 2 to 3\n"
        "send 1.1\ntrain 1: shard 1, steps 2 to 3\n"
        "apply.1 0 1: at 6 s, update 0, step 4\n"
        "answer 0.1\nanswer 1.1\n"
        "merge 0.1\ntrain 0: shard 0, steps 3 to 4\n"
        "merge 1.1\ntrain 1: shard 1, steps 3 to 4\n"
        "send 0\ntrain 0: shard 0, steps 4 to 5\n"
        "send 1\ntrain 1: shard 1, steps 4 to 5\n"
        "apply 0 1: at 10 s, update 1, step 8\n"
        "evaluate: at 10 s, update 1, step 8\n");
  for (const WorkerUse& use : log.workers) {
    CHECK(use.wait + use.upload + use.download == 1s);
    CHECK(use.overlapped == 3s);  // up and down the first, up the second
  }
}

TEST_CASE("a clock that training cuts writes the same score up to there and evaluates what is left") {
  const std::vector<std::function<ClockParts()>> worlds = {asynchronous,
                                                           [] {
                                                             return parts_of({1, 3}, make_barrier(2));
                                                           },
                                                           [] {
                                                             ClockParts parts = asynchronous();
                                                             parts.evaluate = {};
                                                             parts.evaluate.time = 3s;
                                                             return parts;
                                                           },
                                                           two_regions};
  for (const auto& world : worlds) {
    const Score whole = score_of(world());
    for (size_t n = 1; n <= whole.size(); ++n) {
      if (!std::holds_alternative<Apply>(whole[n - 1]) && !std::holds_alternative<Evaluate>(whole[n - 1]))
        continue;  // training ends at what it finds out
      ClockParts parts = world();
      Score cut;
      const ClockLog log = run_clock(parts, {.write = append_to(cut), .most_actions = static_cast<int64_t>(n)});
      CAPTURE(n, text_of(cut));
      REQUIRE((cut.size() == n || cut.size() == n + 1));
      CHECK(text_of(Score(cut.begin(), cut.begin() + static_cast<ptrdiff_t>(n))) ==
            text_of(Score(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(n))));
      REQUIRE(std::holds_alternative<Evaluate>(cut.back()));
      CHECK(text_of(std::get<Evaluate>(cut.back()).at) == text_of(log.final));
      for (const WorkerUse& use : log.workers)
        CHECK(use.compute + use.upload + use.download + use.wait + use.down == log.final.time - kTimeZero);
    }
  }
}

TEST_CASE("a score tells when each round is asked for, and what has been learned after any of its actions") {
  const Score score = score_of(asynchronous());
  const std::vector<Time> due = due_times(score);
  CHECK(due[1] == kTimeZero + 4s);
  CHECK(due[2] == kTimeZero + 8s);
  CHECK(due[9] == Time::max());  // worker 1's second round, which nobody waits for
  const Played none = played(score, 0), some = played(score, 4), all = played(score, score.size());
  CHECK((none.evaluated.empty() && none.applied == 0));
  CHECK((some.evaluated.size() == 1 && some.applied == 1));
  CHECK((all.evaluated.size() == 3 && all.applied == 4));
}
