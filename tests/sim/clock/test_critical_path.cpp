#include "sim/clock/critical_path.h"

#include "sim/clock/run_clock.h"
#include "sim/network/ring_all_reduce.h"
#include "tests/support/catch.h"
#include "tests/support/small_clock.h"
#include "tests/support/times.h"

using namespace sim;
using namespace std::chrono_literals;
using tests::at;
using tests::parts_of;

// Paths worked out by hand: 2 steps a round, links of 1 s each way, 8 local steps.

namespace {

std::string seconds_of(Duration time) { return std::to_string(time / 1s) + " s"; }

/// A line per stretch, then who was late.
std::string text_of(const CriticalPath& path) {
  std::string text;
  for (size_t i = 0; i < path.stretches.size(); ++i) {
    const PathStretch& s = path.stretches[i];
    std::string cause;
    for (const auto& [value, name] : names_of(s.cause))
      if (value == s.cause) cause = name;
    text += (s.worker == kNobody ? "" : std::to_string(s.worker) + " ") + cause + " until " +
            seconds_of(s.end - kTimeZero) + "\n";
  }
  for (const Lateness& late : path.late)
    text += std::to_string(late.worker) + " late by " + seconds_of(late.time) + " in " + std::to_string(late.waits) +
            " of " + std::to_string(path.waits) + "\n";
  return text;
}

std::string path_of(ClockParts parts) { return text_of(run_clock(parts).path); }

void be_there(ClockParts& parts, NodeId worker, const std::vector<UpInterval>& up) {
  std::vector<std::shared_ptr<const Availability>> there(parts.workers.count);
  there[static_cast<size_t>(worker)] = make_scheduled_availability(up);
  parts.workers.availability = PerWorker(std::move(there));
}

}  // namespace

TEST_CASE("critical path: at a barrier it is the slower worker's rounds, and the faster one waits for it") {
  CHECK(path_of(parts_of({1, 3}, make_barrier(2))) ==
        "1 download until 1 s\n1 compute until 7 s\n1 upload until 8 s\n"
        "1 download until 9 s\n1 compute until 15 s\n1 upload until 16 s\n"
        "1 late by 8 s in 2 of 2\n");
}

TEST_CASE("critical path: of equal workers it is the first one's, and nobody is late") {
  const CriticalPath path = [] {
    ClockParts parts = parts_of({1, 1, 1, 1}, make_barrier(4));
    return run_clock(parts).path;
  }();
  CHECK(text_of(path) == "0 download until 1 s\n0 compute until 3 s\n0 upload until 4 s\n");
  CHECK(path.waits == 1);
}

TEST_CASE("critical path: without waiting it is the rounds of the worker whose message ended the run") {
  CHECK(path_of(parts_of({1, 3}, make_grace_window({}, GraceMode::wait))) ==
        "0 download until 1 s\n0 compute until 3 s\n0 upload until 4 s\n"
        "0 download until 5 s\n0 compute until 7 s\n0 upload until 8 s\n"
        "0 download until 9 s\n0 compute until 11 s\n0 upload until 12 s\n");
}

TEST_CASE("critical path: a window that its end closes is the policy's from its first arrival on") {
  // Worker 0 arrives at 4 and 10, worker 1 at 8. The first window lasts until 6, the second until 10, when nobody is
  // under way any more.
  CHECK(path_of(parts_of({1, 3}, make_grace_window(2s, GraceMode::wait))) ==
        "0 download until 1 s\n0 compute until 3 s\n0 upload until 4 s\npolicy until 6 s\n"
        "0 download until 7 s\n0 compute until 9 s\n0 upload until 10 s\n"
        "0 download until 11 s\n0 compute until 13 s\n0 upload until 14 s\n"
        "0 late by 2 s in 1 of 1\n");
  // The run ends in the second window: worker 1 is still waiting, and not for worker 0.
  ClockParts short_run = parts_of({1, 3}, make_grace_window(2s, GraceMode::wait));
  short_run.stop.local_steps = 6;
  CHECK(path_of(std::move(short_run)) ==
        "0 download until 1 s\n0 compute until 3 s\n0 upload until 4 s\npolicy until 6 s\n"
        "0 download until 7 s\n0 compute until 9 s\n0 upload until 10 s\n");
}

TEST_CASE("critical path: a round that its deadline closes is the policy's from its beginning on") {
  CHECK(path_of(parts_of({1, 3}, make_quorum(2, 1, 5s))) ==
        "policy until 5 s\npolicy until 10 s\npolicy until 15 s\npolicy until 20 s\n");
  // The second worker of a quorum of two comes after the deadline: the round waits for it.
  CHECK(path_of(parts_of({1, 3}, make_quorum(2, 2, 5s))) == path_of(parts_of({1, 3}, make_barrier(2))));
}

TEST_CASE("critical path: the server's queue and work come after the last arrival and are nobody's lateness") {
  ClockParts parts = parts_of({1, 1}, make_barrier(2));
  parts.servers[0].service = 1s;
  parts.stop.local_steps = 4;
  CHECK(path_of(std::move(parts)) ==
        "0 download until 1 s\n0 compute until 3 s\n0 upload until 4 s\nservice until 6 s\n");
}

TEST_CASE("critical path: on a ring it goes through the last one to begin, whose upload is the reduction") {
  ClockParts parts = parts_of({1, 3}, make_barrier(2));
  const LinkSpec link{1s, 0};
  parts.network = std::make_unique<RingAllReduce>(PerWorker<PrivateLink>(std::vector<PrivateLink>{{link, link}}), 2);
  parts.stop.local_steps = 4;
  CHECK(path_of(std::move(parts)) == "1 compute until 6 s\n1 upload until 10 s\n1 late by 4 s in 1 of 1\n");
}

TEST_CASE("critical path: a crash is its worker's lost round and absence, from the update before on") {
  ClockParts parts = parts_of({1, 1}, make_barrier(2));
  be_there(parts, 1, {{kTimeZero, at(6s)}, {at(9s), Time::max()}});
  CHECK(path_of(std::move(parts)) ==
        "1 download until 1 s\n1 compute until 3 s\n1 upload until 4 s\n"
        "1 lost until 5 s\n1 lost until 6 s\n1 down until 9 s\n"
        "1 download until 10 s\n1 compute until 12 s\n1 upload until 13 s\n"
        "1 late by 5 s in 1 of 2\n");
}

TEST_CASE("critical path: who goes down while it waits costs nothing until its turn comes") {
  // Worker 0 waits from 4 on, is away from 5 to 13, and would have been sent the model at 8.
  ClockParts parts = parts_of({1, 3}, make_barrier(2));
  be_there(parts, 0, {{kTimeZero, at(5s)}, {at(13s), Time::max()}});
  CHECK(path_of(std::move(parts)) ==
        "1 download until 1 s\n1 compute until 7 s\n1 upload until 8 s\n0 down until 13 s\n"
        "0 download until 14 s\n0 compute until 16 s\n0 upload until 17 s\n"
        "1 late by 4 s in 1 of 2\n0 late by 1 s in 1 of 2\n");
}

TEST_CASE("critical path: a barrier that stops waiting waited for the one that left, and the one that joins late") {
  ClockParts leaves = parts_of({1, 1, 9}, make_barrier(3));
  be_there(leaves, 2, {{kTimeZero, at(12s)}});
  CHECK(path_of(std::move(leaves)) ==
        "2 lost until 1 s\n2 lost until 12 s\n"
        "0 download until 13 s\n0 compute until 15 s\n0 upload until 16 s\n");
  ClockParts joins = parts_of({1, 1}, make_barrier(2));
  be_there(joins, 1, {{at(3s), Time::max()}});
  joins.stop.local_steps = 4;
  CHECK(path_of(std::move(joins)) ==
        "1 down until 3 s\n1 download until 4 s\n1 compute until 6 s\n1 upload until 7 s\n"
        "1 late by 3 s in 1 of 1\n");
}

TEST_CASE("critical path: what no arrival came of before a limit of time is unfinished") {
  ClockParts parts = parts_of({1, 3}, make_barrier(2));
  parts.stop = {};
  parts.stop.time = at(11s);
  CHECK(path_of(std::move(parts)) ==
        "1 download until 1 s\n1 compute until 7 s\n1 upload until 8 s\nunfinished until 11 s\n"
        "1 late by 4 s in 1 of 1\n");
  ClockParts nothing = parts_of({1, 3}, make_barrier(2));
  nothing.stop = {};
  nothing.stop.time = at(2s);
  CHECK(path_of(std::move(nothing)) == "unfinished until 2 s\n");
}

TEST_CASE("critical path: it is not told where workers train on or regions have servers, nor kept without records") {
  ClockParts travels = parts_of({1, 3}, make_barrier(2));
  travels.overlap = Overlap{1};
  CHECK_THAT(path_untold(travels), Catch::Contains("train on"));
  CHECK(run_clock(travels).path.shares.empty());
  ClockParts totals = parts_of({1, 3}, make_barrier(2));
  totals.record = false;
  CHECK(path_untold(totals).empty());
  CHECK(run_clock(totals).path.shares.empty());
}
