#include "sim/network/sharded_servers.h"

#include <map>

#include "sim/network/shared_links.h"
#include "tests/support/catch.h"
#include "tests/support/clusters.h"
#include "tests/support/error_message.h"
#include "tests/support/times.h"
#include "tests/support/transfers.h"

using namespace sim;
using tests::at;
using tests::drain;
using tests::kDown;
using tests::kUp;
using tests::transfer;
using namespace std::chrono_literals;

namespace {

SharedLink server(double up, double down, bool half_duplex = false) {
  return {.name = "server",
          .up = {.bytes_per_second = up, .trace = {}},
          .down = {.bytes_per_second = down, .trace = {}},
          .half_duplex = half_duplex};
}
ShardedServers sharded(const std::vector<SharedLink>& servers, std::vector<WorkerAccess> workers,
                       const std::vector<SharedLink>& regions = {}, MessageNumbers numbers = {}) {
  const size_t count = workers.size();
  return ShardedServers(servers, regions, PerWorker<WorkerAccess>(std::move(workers)), count, numbers);
}

}  // namespace

TEST_CASE("a message ends with its last part, and its own link goes to the parts that can use it") {
  // 6 MB as three parts of 2; the servers take 1, 4 and 4 MB/s, the own link 5: 1, 2 and 2 MB/s for a second, then the
  // first alone has 1.
  ShardedServers servers = sharded({server(1e6, 0), server(4e6, 0), server(4e6, 0)}, {{tests::link(5e6, 0)}});
  servers.start(transfer(0, kUp), 6'000'000, at(0s));
  CHECK(servers.next_end() == at(1s));
  CHECK(servers.finish(at(1s)).empty());
  CHECK(drain(servers).at(0) == at(2s));
}

TEST_CASE("two workers share every server, and what one leaves when its part has ended goes to the other") {
  // Two servers of 2 MB/s. Worker 0's link takes 1 MB/s, half a MB/s each part; so worker 1 has 1.5 MB/s at each.
  ShardedServers servers = sharded({server(2e6, 0), server(2e6, 0)}, {{tests::link(1e6, 0)}, {tests::link(0, 0)}});
  servers.start(transfer(0, kUp), 4'000'000, at(0s));
  servers.start(transfer(1, kUp), 6'000'000, at(0s));
  CHECK(drain(servers) == std::map<MessageId, Time>{{0, at(4s)}, {1, at(2s)}});
}

TEST_CASE("bytes that the servers do not divide are one more at the first ones") {
  ShardedServers servers =
      sharded({server(1, 0), server(1, 0), server(1, 0)}, {{tests::link(0, 0)}, {tests::link(0, 0)}});
  servers.start(transfer(0, kUp), 5, at(0s));  // 2, 2, 1
  CHECK(servers.next_end() == at(1s));
  CHECK(servers.finish(at(1s)).empty());
  CHECK(drain(servers).at(0) == at(2s));
  servers.start(transfer(1, kUp), 2, at(10s));  // 1, 1, 0
  CHECK(drain(servers).at(1) == at(11s));
}

TEST_CASE("n equal servers are one of n times the capacity, and a lone one is itself: as shared links, to 1e-8") {
  const auto sharing = GENERATE(Sharing::fair, Sharing::rtt_weighted);
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    INFO("seed " << seed);
    const clusters::Cluster cluster = clusters::random_cluster(seed, {.sharing = sharing, .own_traces = seed % 2 == 0});
    clusters::Cluster divisible = cluster;
    for (clusters::Message& message : divisible.messages) message.bytes -= message.bytes % 4;
    SharedLinks one(cluster.servers.front(), cluster.regions, cluster.workers(), cluster.kind_of_worker.size());
    const clusters::Played expected = clusters::play(divisible, one);
    for (const int n : {1, 4}) {
      SharedLink part = cluster.servers.front();
      const auto divide = [&](SharedCapacity& capacity) {
        capacity.bytes_per_second /= n;
        if (!capacity.trace) return;
        std::vector<CapacityTrace::Point> points = capacity.trace->points();
        const bool repeats = capacity.trace->at(at(4000s)).end != Time::max();
        for (CapacityTrace::Point& point : points) point.bytes_per_second /= n;
        capacity.trace = CapacityTrace(points, repeats ? TraceEnd::repeat : TraceEnd::hold);
      };
      divide(part.up);
      divide(part.down);
      ShardedServers servers(std::vector<SharedLink>(static_cast<size_t>(n), part), cluster.regions, cluster.workers(),
                             cluster.kind_of_worker.size());
      const clusters::Played found = clusters::play(divisible, servers);
      REQUIRE(found.ends.size() == expected.ends.size());
      for (const auto& [worker, end] : expected.ends)
        CHECK(std::fabs(found.ends.at(worker) - end) <= 1e-8 * end + 0.5e-9 * static_cast<double>(found.events));
    }
  }
}

TEST_CASE("parts end when exact progressive filling says, to 1e-8, on 600 random clusters of two to five servers") {
  size_t compared = 0;
  const auto sharing = GENERATE(Sharing::fair, Sharing::rtt_weighted);
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    const clusters::Cluster cluster = clusters::random_cluster(
        seed, {.servers = 2 + static_cast<int>(seed % 4), .sharing = sharing, .own_traces = seed % 3 == 0});
    ShardedServers servers(cluster.servers, cluster.regions, cluster.workers(), cluster.kind_of_worker.size());
    compared += clusters::compare(cluster, servers);
  }
  CHECK(compared > 4000);
}

TEST_CASE("of a worker's messages to sharded servers one flows at a time, and a cancelled one takes its parts along") {
  ShardedServers servers =
      sharded({server(1e6, 0), server(1e6, 0)}, {{tests::link(0, 0)}, {tests::link(0, 0, 500ms)}}, {}, {2});
  const auto of = [](NodeId worker, FragmentId fragment) { return transfer(worker, kUp, fragment, {2}); };
  servers.start(of(0, 0), 2'000'000, at(0s));
  servers.start(of(0, 1), 2'000'000, at(0s));
  servers.start(of(1, 0), 2'000'000, at(0s));
  servers.cancel(of(1, 0), at(250ms));  // in its latency
  CHECK(servers.finish(servers.next_end()).size() == 1);
  CHECK(servers.next_end() == at(2s));
  servers.cancel(of(0, 1), at(1500ms));
  CHECK(servers.next_end() == Time::max());
  servers.start(of(0, 0), 2'000'000, at(2s));
  servers.start(of(0, 1), 2'000'000, at(2s));
  servers.cancel(of(0, 1), at(2s));  // behind the other
  servers.start(of(0, 1), 1'000'000, at(2s));
  servers.cancel(of(0, 0), at(2500ms));  // the next has its route
  CHECK(drain(servers) == std::map<MessageId, Time>{{1, at(3s)}});
}

TEST_CASE("within a region nothing passes the sharded servers' links") {
  WorkerAccess within{tests::link(1e6, 0)};
  within.region = WorkerAccess::kWithin;
  ShardedServers servers = sharded({server(1e3, 0), server(1e3, 0)}, {within});
  servers.start(transfer(0, kUp), 1'000'000, at(0s));
  CHECK(drain(servers).at(0) == at(1s));
}

TEST_CASE("sharded servers that cannot be are refused, and endless parts are an error") {
  const auto message = [](std::vector<SharedLink> servers, const WorkerAccess& worker) {
    return error_message<std::invalid_argument>([&] { sharded(servers, {worker}); });
  };
  using Catch::Matchers::Contains;
  SharedLink fifo = server(1, 1);
  fifo.sharing = Sharing::fifo;
  CHECK_THAT(message({}, {tests::link(0, 0)}), Contains("needs at least 1 server"));
  CHECK_THAT(message({server(1, 1), fifo}, {tests::link(0, 0)}), Contains("serves one message after another"));
  CHECK_THAT(message({server(1, 1), server(-1, 1)}, {tests::link(0, 0)}), Contains("server, up: capacity -1"));
  CHECK_THAT(message({server(1, 1)}, {tests::link(-1, 0)}), Contains("upload link of worker 0"));
  ShardedServers slow = sharded({server(1e-3, 0), server(1, 0)}, {{tests::link(0, 0)}});
  slow.start(transfer(0, kUp), 1'000'000'000, kTimeZero);
  CHECK(slow.finish(slow.next_end()).empty());
  CHECK_THROWS_AS(slow.next_end(), std::overflow_error);
}
