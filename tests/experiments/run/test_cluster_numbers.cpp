#include "experiments/run/cluster_numbers.h"

#include <string>

#include "experiments/config/experiment_config.h"
#include "experiments/run/build.h"
#include "experiments/run/build_workers.h"
#include "experiments/run/what_if.h"
#include "experiments/run/worker_kinds.h"
#include "tests/support/catch.h"
#include "tests/support/tiny_experiment.h"

using namespace experiments;
using tiny::uneven;

namespace {

struct Measured {
  RunConfig run;
  sim::ClockLog log;
  ClusterNumbers numbers;
  KindUse use(size_t kind) const {
    const WorkerKind of = kinds_of(run)[kind];
    return use_of(run, log, of.first, of.count);
  }
};

const std::string kAsynchronous = R"({"kind": "grace-window", "seconds": 0})";

Measured measure(const Json& json) {
  Measured measured{tiny::run_of(json), {}, {}};
  sim::ClockParts parts = build_clock(measured.run, 3);
  measured.log = sim::run_clock(parts);
  measured.numbers = cluster_numbers(measured.run, measured.log);
  return measured;
}

double bytes_of(const Json& json) { return static_cast<double>(transfer_bytes(tiny::run_of(json))); }

std::string rate(double bytes_per_second) { return std::to_string(bytes_per_second); }

}  // namespace

TEST_CASE("kinds of workers are the file's entries, with their workers' numbers") {
  const auto kinds = kinds_of(tiny::run_of(uneven()));
  REQUIRE(kinds.size() == 2);
  CHECK(kinds[0].label == "workers 0–2");
  CHECK(kinds[1].label == "worker 3");
  CHECK(kinds[1].first == 3);
}

TEST_CASE("slowest to mean, and what asynchrony can gain, are those of the steps' lengths") {
  const Measured m = measure(uneven());
  CHECK(m.numbers.rho_s == Approx(5 / 2.0));
  CHECK(m.numbers.asynchronous == Approx(5 * (1 + 1 + 1 + 0.2) / 4));
  CHECK(m.numbers.rho_c == 0.0);
  CHECK(m.numbers.workers == 4);
  const auto facts = facts_of(m.run);
  CHECK(facts[0].fastest == Approx(1));
  CHECK(facts[1].slowest == Approx(5));
  // With a profile one kind has a range.
  const auto profile = facts_of(tiny::run_of(uneven({{"/workers", R"([{"count": 4, "profile": {"kind": "very"}}])"}})));
  REQUIRE(profile.size() == 1);
  CHECK(profile[0].fastest == Approx(0.58));
  CHECK(profile[0].slowest == Approx(3.33));
}

TEST_CASE("messages to computing, a round, its waiting and bytes a token come to what is worked out by hand") {
  const Measured m = measure(uneven({{"/workers/0/download", R"({"latency_seconds": 2})"},
                                     {"/workers/0/upload", R"({"latency_seconds": 3})"},
                                     {"/workers/1/upload", R"({"latency_seconds": 1})"}}));
  // A round lasts 51 s; the three travel 5 s and compute 10, the fourth 1 and 50.
  CHECK(m.log.final.time == sim::Time{std::chrono::seconds{20 * 51}});
  CHECK(m.numbers.rho_c == Approx(16 / 80.0));
  const KindUse fast = m.use(0), slow = m.use(1);
  CHECK(fast.local_steps == 10);
  CHECK(fast.round_seconds == Approx(15));
  CHECK(fast.down == Approx(2));
  CHECK(fast.up == Approx(3));
  CHECK(fast.waited == Approx(36 / 51.0));
  CHECK(slow.round_seconds == Approx(51));
  CHECK(slow.waited == 0);
  CHECK(fast.staleness == 0);
  const double messages = 2 * 4 * 20;
  CHECK(m.numbers.bytes_per_token == Approx(messages * bytes_of(uneven()) / static_cast<double>(m.log.final.tokens)));
  CHECK(m.numbers.lost_work == 0.0);
  CHECK(m.numbers.rho_f == 0.0);
  CHECK(!m.numbers.rho_b);
  CHECK(!m.numbers.rho_o);
}

TEST_CASE("a message alone takes its own links' time, and under contention what the clock gave it") {
  const double bytes = bytes_of(uneven());
  const Json shared =
      uneven({{"/workers", R"([{"count": 4, "speed": {"kind": "steady", "seconds_per_step": 1},
                                               "download": {"latency_seconds": 0.25}}])"},
              {"/network", R"({"kind": "shared", "ingress": {"bytes_per_second": )" + rate(bytes / 2) + "}}"}});
  const Measured m = measure(shared);
  const KindFacts alone = facts_of(m.run)[0];
  CHECK(alone.down_alone == Approx(0.25));
  CHECK(alone.up_alone == Approx(2));
  CHECK(m.use(0).up == Approx(8));  // four at once
  CHECK(m.use(0).down == Approx(0.25));
  // If nobody waited, four messages would pass in the 10 s of a round's steps; five can.
  CHECK(m.numbers.rho_b == Approx(4 * bytes / 10 / (bytes / 2)));
  CHECK(m.numbers.busiest == "the server's ingress");
}

TEST_CASE("the busiest link is the one with the most to carry for what it can") {
  const double bytes = bytes_of(uneven());
  const Json own = uneven({{"/workers/0/upload", R"({"bytes_per_second": )" + rate(bytes / 5) + "}"},
                           {"/workers/1/upload", R"({"bytes_per_second": )" + rate(bytes / 40) + "}"}});
  const Measured m = measure(own);
  CHECK(m.numbers.rho_b == Approx(40 / 50.0));  // a message each 50 s that takes 40; the others' 5 of 10
  CHECK(m.numbers.busiest == "upload of worker 3");
}

TEST_CASE("on a ring a message is the all-reduce, and what is waited for the slowest is waiting") {
  const Json ring = uneven({{"/network", R"({"kind": "ring"})"},
                            {"/workers/0/upload", R"({"latency_seconds": 0.5})"},
                            {"/workers/1/upload", R"({"latency_seconds": 0.5})"}});
  const Measured m = measure(ring);
  CHECK(facts_of(m.run)[0].up_alone == Approx(2 * 3 * 0.5));
  CHECK(facts_of(m.run)[0].down_alone == 0);
  CHECK(m.use(0).up == Approx(3));
  CHECK(m.use(1).up == Approx(3));
  CHECK(m.use(0).waited == Approx(40 / 53.0));
  CHECK(m.use(1).waited == Approx(0).margin(1e-12));
  CHECK(m.numbers.rho_c == Approx(4 * 3 / 80.0));
}

TEST_CASE("an all-gather's message down brings those of the three others") {
  const double bytes = bytes_of(uneven());
  const Json gather = uneven({{"/network", R"({"kind": "all-gather"})"},
                              {"/workers/0/download", R"({"bytes_per_second": )" + rate(bytes) + "}"}});
  CHECK(facts_of(tiny::run_of(gather))[0].down_alone == Approx(3));
}

TEST_CASE("with an update an arrival staleness is k − 1 in the mean, and more for who is slow") {
  Json document = uneven({{"/policy", kAsynchronous}, {"/stop", R"({"local_steps": 200000})"}, {"/workers", "[]"}});
  const double paces[] = {1.0017, 1.1303, 1.2909, 4.9973};  // no two arrive together
  for (const double pace : paces) document["workers"].push_back({{"speed", {{"seconds_per_step", pace}}}});
  const Measured m = measure(document);
  CHECK(*m.numbers.staleness == Approx(3).margin(0.01));
  CHECK(m.use(0).staleness < 3);
  CHECK(m.use(3).staleness == Approx(paces[3] * (1 / paces[0] + 1 / paces[1] + 1 / paces[2])).margin(0.1));
  CHECK(m.use(0).waited == 0);
}

TEST_CASE("interruptions are counted per round, of all workers at a barrier and of one without") {
  // The slow worker is away twice, in its second and its fourth round.
  const std::string times =
      R"({"kind": "scheduled", "up": [{"from_seconds": 0, "to_seconds": 60}, {"from_seconds": 70, "to_seconds": 180}, {"from_seconds": 190}]})";
  const Json barrier = uneven({{"/workers/1/availability", times}});
  const Measured m = measure(barrier);
  CHECK(m.log.interruptions == 2);
  CHECK(m.numbers.rho_f == Approx(2 / 20.0));
  CHECK(m.numbers.lost_work == Approx(20 / 820.0));
  const Measured alone = measure(tiny::with(barrier, {{"/policy", kAsynchronous}}));
  CHECK(alone.numbers.rho_f == Approx(2 / static_cast<double>(alone.log.sent.count)));
}

TEST_CASE("computing beside which messages travel is so many mean steps, or a whole round") {
  const std::vector<std::pair<std::string, std::string>> links = {
      {"/workers", R"([{"count": 4, "speed": {"kind": "steady", "seconds_per_step": 2},
                       "download": {"latency_seconds": 1}, "upload": {"latency_seconds": 3}}])"}};
  const Json travels = uneven(links);
  CHECK(measure(tiny::with(travels, {{"/overlap", R"({"steps": 3})"}})).numbers.rho_o == Approx(3 * 2 / 4.0));
  CHECK(measure(tiny::with(travels, {{"/overlap", R"({"steps": null})"}, {"/stop", R"({"local_steps": 80000})"}}))
            .numbers.rho_o == Approx(10 * 2 / 4.0).epsilon(1e-2));
}

TEST_CASE("rates by size hold for the message that travels, on every kind of network, and what if scales them") {
  const double bytes = bytes_of(uneven());
  const auto alone = [&](const std::string& network, double size) {
    // At the size that travels a message takes 4 s.
    const std::string table = R"({"rates": [{"bytes": )" + rate(size / 2) + R"(, "bytes_per_second": )" +
                              rate(size / 8) + R"(}, {"bytes": )" + rate(size) + R"(, "bytes_per_second": )" +
                              rate(size / 4) + "}]}";
    return uneven({{"/network", R"({"kind": ")" + network + "\"}"},
                   {"/workers",
                    R"([{"count": 4, "speed": {"kind": "steady", "seconds_per_step": 1}, "upload": )" + table + "}]"}});
  };
  for (const char* network : {"private", "shared", "all-gather"})
    CHECK(facts_of(tiny::run_of(alone(network, bytes)))[0].up_alone == Approx(4).epsilon(1e-5));
  // A ring passes quarters, six times.
  CHECK(facts_of(tiny::run_of(alone("ring", bytes / 4)))[0].up_alone == Approx(6 * 4.0).epsilon(1e-5));
  const RunConfig run = tiny::run_of(alone("private", bytes));
  const auto twice = with_bandwidth(run, 2);
  REQUIRE(twice);
  CHECK(facts_of(*twice)[0].up_alone == Approx(2).epsilon(1e-5));
  CHECK(measure(alone("private", bytes)).numbers.rho_b == Approx(4 / 10.0).epsilon(1e-5));
}
