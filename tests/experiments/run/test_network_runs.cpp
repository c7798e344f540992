#include <cmath>

#include "experiments/config/experiment_config.h"
#include "experiments/run/build.h"
#include "sim/network/shared_links.h"
#include "tests/support/catch.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

// Whole runs on other networks than private links, and with compressed pseudo-gradients.

using experiments::Json;
using tiny::with;

namespace {

double parameters() {
  return static_cast<double>(experiments::parameter_count(tiny::parse(tiny::document()).methods.at(0).run));
}

/// Four equal workers of 1 s a step, 5 steps a round, 8 rounds at a barrier.
experiments::Json equal_workers(const std::string& network) {
  return with(tiny::homogeneous(), {{"/network", network}});
}

}  // namespace

TEST_CASE("equal workers at a barrier wait for k · bytes / capacity each way on a shared server link") {
  const auto log = tiny::clock(equal_workers(R"({"kind": "shared", "ingress": {"bytes_per_second": 1e5},
                                    "egress": {"bytes_per_second": 2e5}})"));
  const double bytes = 4.0 * parameters();
  const double round = 4 * bytes / 2e5 + 5.0 + 4 * bytes / 1e5;
  // Two ends a round, each to the nearest nanosecond.
  CHECK(std::fabs(sim::to_seconds(log.final.time) - 8 * round) <= 16 * 0.5e-9 + 1e-12);
  for (const auto& use : log.workers)
    CHECK(use.download + use.compute + use.upload + use.wait == log.final.time - sim::kTimeZero);
}

TEST_CASE("a shared network that is wide enough gives every method the times of private links") {
  const std::string link = R"({"latency_seconds": 0.02, "bytes_per_second": 1e5})";
  for (const char* policy : {R"({"kind": "barrier"})", R"({"kind": "grace-window", "seconds": 0.5})"}) {
    auto apart = with(tiny::document(), {{"/policy", policy}});
    for (const std::string w : {"0", "1", "2", "3"})
      apart = with(apart, {{"/workers/" + w + "/upload", link}, {"/workers/" + w + "/download", link}});
    const auto together = with(apart, {{"/network", R"({"kind": "shared", "ingress": {"bytes_per_second": 4.1e5},
                                                        "egress": {"bytes_per_second": 4.1e5}})"}});
    const auto a = tiny::clock(apart), b = tiny::clock(together);
    CHECK(a.final.time == b.final.time);
    CHECK(a.final.bytes_up == b.final.bytes_up);
    REQUIRE(a.updates.size() == b.updates.size());
    for (size_t i = 0; i < a.updates.size(); ++i) CHECK(a.updates[i].time == b.updates[i].time);
  }
}

TEST_CASE("a round on a ring is computation and one all-reduce, and every worker sends 2 (n-1)/n of the bytes") {
  auto json = equal_workers(R"({"kind": "ring"})");
  json = with(json, {{"/workers/0/upload", R"({"latency_seconds": 0.01, "bytes_per_second": 1e5})"}});
  const auto log = tiny::clock(json);
  const double reduction = 2.0 * 3 / 4 * 4.0 * parameters() / 1e5 + 2 * 3 * 0.01;
  CHECK(std::fabs(sim::to_seconds(log.final.time) - 8 * (5.0 + reduction)) <= 8 * 0.5e-9 + 1e-12);
  CHECK(static_cast<double>(log.final.bytes_up) == 8 * 4 * std::ceil(1.5 * 4 * parameters()));
  // The last server update is sent to nobody any more; the start counts as one.
  CHECK(log.final.bytes_down == log.final.bytes_up);
}

TEST_CASE("a round of an all-gather is computation, one message up and the others' down, whatever their code") {
  const std::string link = R"({"latency_seconds": 0.01, "bytes_per_second": 1e4})";
  const auto json =
      with(equal_workers(R"({"kind": "all-gather"})"), {{"/workers/0/upload", link},
                                                        {"/workers/0/download", link},
                                                        {"/stand_in", R"({"parameters": 1, "bytes": 16384000})"},
                                                        {"/payload", R"({"kind": "two-bit", "top_k": {}})"}});
  // 1,000 chunks of a stand-in's 4,096,000 values.
  const double bytes = 1000 * 64 * 14 / 8 + 16, up = 0.01 + bytes / 1e4, down = 0.01 + 3 * bytes / 1e4;
  const auto log = tiny::clock(json);
  // The start takes its latency; the last gathering is after the end.
  CHECK(std::fabs(sim::to_seconds(log.final.time) - (0.01 + 8 * (5.0 + up) + 7 * down)) <= 16 * 0.5e-9 + 1e-12);
  CHECK(static_cast<double>(log.final.bytes_up) == 8 * 4 * bytes);
  CHECK(log.final.bytes_down == 3 * log.final.bytes_up);
}

TEST_CASE("a capacity that falls to a trickle for a while delays a run by what it takes away") {
  const auto steady = tiny::clock(equal_workers(R"({"kind": "shared", "ingress": {"bytes_per_second": 1e5}})"));
  auto experiment = tiny::parse(equal_workers(R"({"kind": "shared", "ingress": {"bytes_per_second": 1e5}})"));
  auto parts = experiments::build_clock(experiment.methods.at(0).run, 3);
  sim::SharedLink server{.name = "server", .up = {}, .down = {}};
  // The first round's uploads begin at 5 s; nothing flows from 5.5 s to 8.25 s.
  const auto at = [](double seconds) { return sim::kTimeZero + sim::from_seconds(seconds); };
  server.up.trace = sim::CapacityTrace({{at(0), 1e5}, {at(5.5), 0.0}, {at(8.25), 1e5}}, sim::TraceEnd::hold);
  parts.network = std::make_unique<sim::SharedLinks>(
      server, std::vector<sim::SharedLink>{}, sim::PerWorker<sim::WorkerAccess>(std::vector<sim::WorkerAccess>(1)), 4);
  const auto delayed = sim::run_clock(parts);
  // An end lies elsewhere against the nanoseconds now.
  CHECK(std::fabs(sim::to_seconds(delayed.final.time) - sim::to_seconds(steady.final.time) - 2.75) <= 8e-9);
}

TEST_CASE("equal workers at a barrier pass a link that serves one after another, each to its own time") {
  // Uploads of b / C each; the last is there when all are, so a round is as long as with fair shares.
  const auto fair = tiny::clock(equal_workers(R"({"kind": "shared", "ingress": {"bytes_per_second": 1e5}})"));
  const auto fifo =
      tiny::clock(equal_workers(R"({"kind": "shared", "ingress": {"bytes_per_second": 1e5}, "sharing": "fifo"})"));
  CHECK(std::fabs(sim::to_seconds(fair.final.time) - sim::to_seconds(fifo.final.time)) <= 64e-9);
  const double one = 4.0 * parameters() / 1e5;
  for (size_t w = 0; w < 4; ++w) {
    const double uploads = sim::to_seconds(fifo.workers[w].upload);
    CHECK(uploads == Approx(8.0 * static_cast<double>(w + 1) * one));
    CHECK(sim::to_seconds(fair.workers[w].upload) == Approx(8.0 * 4 * one));
  }
}

TEST_CASE("a server in four equal parts is one server of four times the capacity") {
  for (const char* policy : {R"({"kind": "barrier"})", R"({"kind": "grace-window", "seconds": 0.5})"}) {
    const auto run = [&](const char* network) {
      return tiny::clock(with(tiny::document(), {{"/policy", policy}, {"/network", network}}));
    };
    const auto whole = run(R"({"kind": "shared", "ingress": {"bytes_per_second": 2e5},
                               "egress": {"bytes_per_second": 4e5}})");
    const auto parts = run(R"({"kind": "shared", "servers": [{"count": 4, "ingress": {"bytes_per_second": 5e4},
                                                              "egress": {"bytes_per_second": 1e5}}]})");
    CHECK(whole.final.bytes_up == parts.final.bytes_up);
    REQUIRE(whole.updates.size() == parts.updates.size());
    for (size_t i = 0; i < whole.updates.size(); ++i)
      CHECK(std::fabs(sim::to_seconds(whole.updates[i].time - parts.updates[i].time)) <= 1e-6);
  }
}

TEST_CASE("a worker's own trace slows it and, on links of their own, nobody else") {
  const TempDirectory directory;
  const auto trace = directory.write("t.csv", "time,bytes_per_second\n0,1e5\n20,1e4\n");
  const std::string link = Json{{"trace", trace.string()}}.dump();
  for (const char* network : {R"({"kind": "private"})", R"({"kind": "shared"})", R"({"kind": "all-gather"})"}) {
    const auto document =
        with(tiny::homogeneous(),
             {{"/network", network},
              {"/workers", R"([{"speed": {"seconds_per_step": 1}}, {"count": 3, "speed": {"seconds_per_step": 1}}])"},
              {"/workers/0/upload", link}});
    const auto log = tiny::clock(document);
    const double fast = 4.0 * parameters() / 1e5, slow = 4.0 * parameters() / 1e4;
    // Rounds of 5 s and the slow upload, until 20 s have passed; what is under way then goes on at the new bandwidth.
    double time = 0.0;
    for (int round = 0; round < 8; ++round) {
      time += 5.0;
      const double left = 20.0 - time;
      time += left <= 0.0 ? slow : left >= fast ? fast : left + (1.0 - left / fast) * slow;
    }
    CHECK(sim::to_seconds(log.final.time) == Approx(time).epsilon(1e-9));
  }
}

TEST_CASE("compressed pseudo-gradients cost what their format says on the way up, and nothing less on the way down") {
  const auto plain = tiny::clock(tiny::document());
  const auto half = tiny::clock(with(tiny::document(), {{"/payload", R"({"kind": "bfloat16"})"}}));
  const auto quarter = tiny::clock(with(tiny::document(), {{"/payload", R"({"kind": "int8", "block": 128})"}}));
  CHECK(2 * half.final.bytes_up == plain.final.bytes_up);
  const double per_message = parameters() + 4 * std::ceil(parameters() / 128);
  CHECK(static_cast<double>(quarter.final.bytes_up) ==
        static_cast<double>(plain.final.bytes_up) / (4 * parameters()) * per_message);
  CHECK(half.final.bytes_down == plain.final.bytes_down);
  CHECK(quarter.final.bytes_down == plain.final.bytes_down);
}

TEST_CASE("compression changes what is learned a little, and the threads leave no trace", "[threads]") {
  const auto plain = tiny::train(tiny::document());
  const auto apart = [&](const tiny::Outcome& other) {
    double sum = 0.0;
    for (size_t i = 0; i < plain.params.size(); ++i)
      sum += std::pow(static_cast<double>(plain.params[i]) - other.params[i], 2);
    return std::sqrt(sum);
  };
  const auto trained = [&](const std::string& payload, int threads = 2) {
    return tiny::train(with(tiny::document(), {{"/payload", payload}}), threads);
  };
  CHECK(trained(R"({"kind": "float32"})").params == plain.params);
  const auto coarse = trained(R"({"kind": "int8", "block": 1000000, "error_feedback": false})");
  const auto fed_back = trained(R"({"kind": "int8", "block": 1000000})");
  const auto fine = trained(R"({"kind": "bfloat16"})");
  CHECK(apart(coarse) > 0.0);
  CHECK(apart(fine) > 0.0);
  CHECK(apart(fine) < apart(fed_back));
  CHECK(trained(R"({"kind": "int8", "block": 1000000})", 1).params == fed_back.params);
  CHECK(trained(R"({"kind": "int8", "block": 1000000})", 4).params == fed_back.params);
  const double loss = plain.log.evaluations.back().loss;
  CHECK(std::fabs(fed_back.log.evaluations.back().loss - loss) < 0.02 * loss);
}
