#include "sim/network/shared_links.h"

#include <cmath>
#include <map>
#include <stdexcept>
#include <string>

#include "sim/network/private_links.h"
#include "tests/support/catch.h"
#include "tests/support/clusters.h"
#include "tests/support/times.h"
#include "tests/support/transfers.h"

using namespace sim;
using clusters::Cluster;
using clusters::Message;
using clusters::Random;
using tests::at;
using tests::drain;
using tests::kDown;
using tests::kUp;
using tests::route;
using tests::transfer;
using namespace std::chrono_literals;

namespace {

SharedLink server(double up, double down, bool half_duplex = false) {
  return {.name = "server",
          .up = {.bytes_per_second = up, .trace = {}},
          .down = {.bytes_per_second = down, .trace = {}},
          .half_duplex = half_duplex};
}
SharedLink region(double up, double down, bool half_duplex = false) {
  SharedLink link = server(up, down, half_duplex);
  link.name = "region";
  return link;
}
WorkerAccess on_link(double up, double down, int in_region = -1, Duration latency = 0s) {
  return {.link = {.download = {latency, down}, .upload = {latency, up}}, .region = in_region};
}
SharedLinks one_kind(const SharedLink& link, const WorkerAccess& kind, size_t workers, MessageNumbers numbers = {}) {
  return SharedLinks(link, {}, PerWorker<WorkerAccess>({kind}), workers, numbers);
}

}  // namespace

TEST_CASE("n equal flows over one link end together at n · bytes / capacity") {
  for (const int n : {1, 2, 7, 1000}) {
    SharedLinks network = one_kind(server(1e8, 0), on_link(0, 0), static_cast<size_t>(n));
    for (NodeId w = 0; w < n; ++w) network.start(transfer(w, kUp), 3'000'000, at(1s));
    CHECK(network.next_end() == at(1s + n * 30ms));
    const auto ended = network.finish(at(1s + n * 30ms));
    REQUIRE(ended.size() == static_cast<size_t>(n));
    for (NodeId w = 0; w < n; ++w) CHECK(ended[static_cast<size_t>(w)] == w);
    CHECK(network.next_end() == Time::max());
  }
}

TEST_CASE("what a slow worker's own link cannot take goes to the others") {
  // Capacity 10 MB/s; one worker is held to 1 MB/s, so the other two have 4.5 MB/s each.
  SharedLinks network(server(10e6, 0), {}, PerWorker<WorkerAccess>({on_link(1e6, 0), on_link(0, 0), on_link(20e6, 0)}),
                      3);
  for (NodeId w = 0; w < 3; ++w) network.start(transfer(w, kUp), 9'000'000, at(0s));
  CHECK(network.rate(transfer(0, kUp)) == 1e6);
  CHECK(network.rate(transfer(1, kUp)) == Approx(4.5e6).epsilon(1e-15));
  CHECK(network.rate(transfer(2, kUp)) == Approx(4.5e6).epsilon(1e-15));
  const auto ends = drain(network);
  CHECK(ends == std::map<NodeId, Time>{{0, at(9s)}, {1, at(2s)}, {2, at(2s)}});
}

TEST_CASE("uploads and downloads share a half-duplex link and ignore each other on a full-duplex one") {
  for (const bool half : {false, true}) {
    SharedLinks network = one_kind(server(1e6, 1e6, half), on_link(0, 0), 2);
    network.start(transfer(0, kUp), 1'000'000, at(0s));
    network.start(transfer(1, kDown), 1'000'000, at(0s));
    CHECK(network.next_end() == at(half ? 2s : 1s));
  }
}

TEST_CASE("a region's link holds its own workers back, and leaves the rest of the server to the others") {
  // The server takes 10 MB/s; the region's uplink 2 MB/s for two workers, so the third has 8 MB/s.
  SharedLinks network(server(10e6, 0), {region(2e6, 0)},
                      PerWorker<WorkerAccess>({on_link(0, 0, 0), on_link(0, 0, 0), on_link(0, 0, -1)}), 3);
  for (NodeId w = 0; w < 3; ++w) network.start(transfer(w, kUp), 8'000'000, at(0s));
  CHECK(network.rate(transfer(2, kUp)) == Approx(8e6).epsilon(1e-15));
  const auto ends = drain(network);
  CHECK(ends.at(2) == at(1s));
  CHECK(ends.at(0) == at(8s));
  CHECK(ends.at(1) == at(8s));
}

TEST_CASE("a capacity trace moves the end by exactly what it takes away") {
  // 1 MB/s, nothing from 2 s to 5 s, then 4 MB/s: 6 MB take 2 s + 3 s + 1 s.
  SharedLink link = server(0, 0);
  link.up.trace = CapacityTrace({{at(0s), 1e6}, {at(2s), 0.0}, {at(5s), 4e6}}, TraceEnd::hold);
  SharedLinks held = one_kind(link, on_link(0, 0), 2);
  held.start(transfer(0, kUp), 6'000'000, at(0s));
  CHECK(drain(held).at(0) == at(6s));

  // 1 MB/s and 3 MB/s in turn, 1 s each: 2 MB/s on average; begun at 100 s, deep in the repetitions.
  link.up.trace = CapacityTrace({{at(0s), 1e6}, {at(1s), 3e6}, {at(2s), 1e6}}, TraceEnd::repeat);
  SharedLinks repeated = one_kind(link, on_link(0, 0), 2);
  repeated.start(transfer(0, kUp), 20'000'000, at(100s));
  repeated.start(transfer(1, kDown), 20'000'000, at(100s));  // downloads are unlimited
  CHECK(repeated.next_end() == at(100s));
  const auto ends = drain(repeated);
  CHECK(ends.at(0) == at(110s));
  CHECK(ends.at(1) == at(100s));
}

TEST_CASE("cancelling a transfer frees its share from that moment on") {
  SharedLinks network = one_kind(server(2e6, 0), on_link(0, 0, -1, 1s), 3);
  network.start(transfer(0, kUp), 4'000'000, at(0s));
  network.start(transfer(1, kUp), 4'000'000, at(0s));
  network.start(transfer(2, kUp), 4'000'000, at(0s));
  network.cancel(transfer(2, kUp), at(500ms));  // still waiting out its latency: as if it had never been
  CHECK(network.next_end() == at(1s));
  CHECK(network.finish(at(1s)).empty());
  network.cancel(transfer(0, kUp), at(2s));  // 3 MB are left of the other one, which has 2 MB/s from now on
  CHECK(network.next_end() == at(3500ms));
  network.start(transfer(0, kUp), 500'000, at(2s));
  CHECK(network.finish(at(3s)).empty());
  // At 3 s the other has 1 MB left; 0.5 s at 1 MB/s end the new one, then 0.25 s at 2 MB/s the other.
  const auto ends = drain(network);
  CHECK(ends == std::map<NodeId, Time>{{0, at(3500ms)}, {1, at(3750ms)}});
}

TEST_CASE("the latency passes before the bytes flow, and takes no share") {
  SharedLinks network = one_kind(server(1e6, 0), on_link(0, 0, -1, 2s), 2);
  network.start(transfer(0, kUp), 1'000'000, at(0s));
  network.start(transfer(1, kUp), 1'000'000, at(1s));
  const auto ends = drain(network);
  CHECK(ends == std::map<NodeId, Time>{{0, at(3s)}, {1, at(4s)}});  // one after the other, never together
}

TEST_CASE("without a shared bottleneck a shared network is a private one, to the nanosecond") {
  Random random(5);
  std::vector<WorkerAccess> kinds;
  std::vector<PrivateLink> links;
  for (int w = 0; w < 50; ++w) {
    kinds.push_back(on_link(random.log_uniform(1e5, 1e8), random.log_uniform(1e5, 1e8), -1,
                            from_seconds(random.uniform(0.0, 1.0))));
    links.push_back(kinds.back().link);
  }
  SharedLinks unlimited(server(0, 0), {}, PerWorker<WorkerAccess>(kinds), kinds.size());
  SharedLinks ample(server(1e12, 1e12), {}, PerWorker<WorkerAccess>(kinds), kinds.size());
  PrivateLinks apart(links);
  for (NodeId w = 0; w < 50; ++w) {
    const Transfer t = transfer(w, w % 2 == 0 ? kUp : kDown);
    const auto bytes = static_cast<uint64_t>(random.log_uniform(1.0, 1e9));
    CHECK(unlimited.fixed_duration(t.route, bytes) == apart.fixed_duration(t.route, bytes));
    CHECK_FALSE(ample.fixed_duration(t.route, bytes).has_value());
    for (Network* network :
         {static_cast<Network*>(&unlimited), static_cast<Network*>(&ample), static_cast<Network*>(&apart)})
      network->start(t, bytes, at(1s));
  }
  const auto expected = drain(apart);
  CHECK(drain(unlimited) == expected);
  CHECK(drain(ample) == expected);
}

TEST_CASE("workers that send for ever keep the accuracy of the start") {
  // About 200 messages each, replayed one by one by the reference. No lane ever empties, and its clocks, which start
  // anew every 64 messages, do so on the way.
  Cluster cluster;
  cluster.servers = {server(7e6, 7e6)};
  cluster.kinds = {on_link(1e6, 2e6), on_link(0, 0)};
  cluster.kind_of_worker = {0, 0, 0, 1, 1, 1};
  SharedLinks network(cluster.servers.front(), {}, cluster.workers(), cluster.kind_of_worker.size());
  std::vector<Message> messages;
  std::vector<double> ends;
  std::map<NodeId, size_t> open;
  const auto start = [&](NodeId w, Direction d, Time now) {
    const uint64_t bytes = 1'000'000 + 137'003u * static_cast<uint64_t>(w);
    open[w] = messages.size();
    messages.push_back({w, d, bytes, now, {}});
    ends.push_back(0.0);
    network.start(transfer(w, d), bytes, now);
  };
  for (NodeId w = 0; w < 6; ++w) start(w, w == 5 ? kDown : kUp, kTimeZero);
  double now = 0.0;
  while (messages.size() < 1200) {
    const Time end = network.next_end();
    now = to_seconds(end);
    for (const MessageId t : network.finish(end)) {
      ends[open.at(t)] = now;
      start(t, t == 5 ? kDown : kUp, end);
    }
  }
  const std::vector<double> expected = clusters::reference_ends(cluster, messages);
  for (size_t i = 0; i < messages.size(); ++i) {
    if (ends[i] == 0.0) {  // still under way
      CHECK(expected[i] > now - 1e-6);
      continue;
    }
    // A message starts at the rounded end of the one before: 0.5 ns each that the reference does not have.
    CHECK(std::fabs(ends[i] - expected[i]) <=
          1e-8 * (expected[i] - to_seconds(messages[i].start)) + 0.5e-9 * static_cast<double>(i + 6));
  }
}

TEST_CASE("a shared network that cannot be is refused with its place") {
  const auto message = [](SharedLink link, WorkerAccess kind) {
    try {
      SharedLinks(link, {region(1e6, 1e6)}, PerWorker<WorkerAccess>({kind}), 1);
    } catch (const std::invalid_argument& e) {
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  using Catch::Matchers::Contains;
  CHECK_THAT(message(server(-1.0, 0), on_link(0, 0)), Contains("server, up: capacity -1"));
  CHECK_THAT(message(server(0, NAN), on_link(0, 0)), Contains("server, down: capacity nan"));
  CHECK_THAT(message(server(0, 0), on_link(-2.0, 0)), Contains("upload link of worker 0"));
  CHECK_THAT(message(server(0, 0), on_link(0, 0, 1)), Contains("region 1 of worker 0 does not exist; there are 1"));
  CHECK(message(server(0, 0), on_link(0, 0, 0)) == "accepted");
}

TEST_CASE("transfers that take centuries are an error on shared links too") {
  SharedLinks network = one_kind(server(1.0, 0), on_link(1e-3, 0), 2);
  CHECK_THROWS_AS(network.start(transfer(0, kUp), 1'000'000'000, kTimeZero), std::overflow_error);
  SharedLinks slow = one_kind(server(1e-3, 0), on_link(0, 0), 2);
  slow.start(transfer(0, kUp), 1'000'000'000, kTimeZero);
  CHECK_THROWS_AS(slow.next_end(), std::overflow_error);
}

TEST_CASE("of a worker's messages one flows at a time, and what it leaves is shared by the others") {
  // 2 MB/s at the server, 1.5 MB/s on each own link, 1 s of latency.
  SharedLinks network = one_kind(server(2e6, 2e6), on_link(1.5e6, 1.5e6, -1, 1s), 2, {2});
  const auto of = [](NodeId worker, FragmentId fragment) { return transfer(worker, kUp, fragment, {2}); };
  network.start(of(0, 0), 1'500'000, at(0s));
  network.start(of(0, 1), 1'500'000, at(0s));
  CHECK(network.finish(network.next_end()).empty());  // their latency is over
  CHECK(network.rate(of(0, 0)) == 1.5e6);
  CHECK(network.rate(of(0, 1)) == 0.0);
  network.start(of(1, 0), 2'000'000, at(1s));
  // Worker 0's first ends at 2 s. Worker 1's flows from then on, beside worker 0's second: 1 MB/s each, so the second
  // ends at 3.5 s; of worker 1's, 0.5 MB are left then, at 1.5 MB/s.
  const auto ends = drain(network);
  CHECK(to_seconds(ends.at(0)) == Approx(2.0));
  CHECK(to_seconds(ends.at(1)) == Approx(3.5));
  CHECK(to_seconds(ends.at(2)) == Approx(3.5 + 0.5 / 1.5));

  network.start(of(0, 0), 1'500'000, at(10s));
  network.start(of(0, 1), 1'500'000, at(10s));
  CHECK(network.finish(at(11s)).empty());
  network.cancel(of(0, 0), at(11500ms));  // the other one has the link from then on
  CHECK(to_seconds(drain(network).at(1)) == Approx(12.5));
}

TEST_CASE("many messages per worker, started and cancelled at random, all end once, in order on every route") {
  Random random(11);
  SharedLinks network = one_kind(server(3e6, 2e6), on_link(1e6, 2e6, -1, 100ms), 5, {4});
  std::map<MessageId, std::pair<Transfer, Time>> under_way;
  std::map<NodeId, double> sent;
  Time now = kTimeZero;
  int ended = 0;
  for (int turn = 0; turn < 3000; ++turn) {
    const auto worker = static_cast<NodeId>(random.below(5));
    const Transfer t = transfer(worker, kUp, static_cast<FragmentId>(random.below(4)), {4});
    if (!under_way.contains(t.message)) {
      network.start(t, 1 + random.below(300'000), now);
      under_way.insert({t.message, {t, now}});
    } else if (random.below(4) == 0) {
      network.cancel(t, now);
      under_way.erase(t.message);
    }
    const Time next = now + from_seconds(random.uniform(0.0, 0.05));
    while (network.next_end() <= next) {
      now = network.next_end();
      for (const MessageId message : network.finish(now)) {
        const auto [transfer, started] = under_way.at(message);
        for (const auto& [other, what] : under_way)  // nobody of the same route that started earlier is still there
          CHECK((other == message || what.first.route.child() != transfer.route.child() || what.second >= started));
        under_way.erase(message);
        ++ended;
      }
    }
    now = next;
  }
  ended += static_cast<int>(drain(network).size());
  CHECK(ended > 1000);
}
