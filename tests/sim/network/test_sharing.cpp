#include <map>

#include "sim/network/shared_links.h"
#include "tests/support/catch.h"
#include "tests/support/clusters.h"
#include "tests/support/error_message.h"
#include "tests/support/times.h"
#include "tests/support/transfers.h"

// Links that share by round-trip time, or serve one message after another; and a worker's own bandwidth that changes.

using namespace sim;
using tests::at;
using tests::drain;
using tests::kDown;
using tests::kUp;
using tests::transfer;
using namespace std::chrono_literals;

namespace {

SharedLink shared(double up, double down, Sharing sharing, bool half_duplex = false) {
  return {.name = "server",
          .up = {.bytes_per_second = up, .trace = {}},
          .down = {.bytes_per_second = down, .trace = {}},
          .half_duplex = half_duplex,
          .sharing = sharing};
}
SharedLink region(double up, double down, Sharing sharing, bool half_duplex = false) {
  SharedLink link = shared(up, down, sharing, half_duplex);
  link.name = "region";
  return link;
}
std::map<MessageId, Time> ends(std::vector<Time> of) {
  std::map<MessageId, Time> all;
  for (size_t i = 0; i < of.size(); ++i) all[static_cast<MessageId>(i)] = of[i];
  return all;
}
SharedLinks network(const SharedLink& server, std::vector<WorkerAccess> workers, std::vector<SharedLink> regions = {},
                    MessageNumbers numbers = {}) {
  const size_t count = workers.size();
  return SharedLinks(server, regions, PerWorker<WorkerAccess>(std::move(workers)), count, numbers);
}

}  // namespace

TEST_CASE(
    "transfers end when exact progressive filling says, to 1e-8, on 600 random clusters of each kind of sharing") {
  const auto sharing = GENERATE(Sharing::fair, Sharing::rtt_weighted, Sharing::fifo);
  const bool own_traces = GENERATE(false, true);
  size_t compared = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed << ", sharing " << static_cast<int>(sharing) << ", own traces " << own_traces);
    const clusters::Cluster cluster = clusters::random_cluster(seed, {.sharing = sharing, .own_traces = own_traces});
    SharedLinks links(cluster.servers.front(), cluster.regions, cluster.workers(), cluster.kind_of_worker.size());
    compared += clusters::compare(cluster, links);
  }
  CHECK(compared > 4000);
}

// --- one after another ---

TEST_CASE("a link that serves one message after another does so in the order in which they are ready") {
  // 1 MB/s; ready at 0, 0.5 and 0.2 s.
  SharedLinks links =
      network(shared(1e6, 0, Sharing::fifo), {{tests::link(0, 0)}, {tests::link(0, 0)}, {tests::link(0, 0)}});
  links.start(transfer(0, kUp), 1'000'000, at(0s));
  links.start(transfer(2, kUp), 3'000'000, at(200ms));
  links.start(transfer(1, kUp), 2'000'000, at(500ms));
  CHECK(links.rate(transfer(0, kUp)) == 1e6);
  CHECK(links.rate(transfer(2, kUp)) == 0.0);
  CHECK(drain(links) == ends({at(1s), at(6s), at(4s)}));
}

TEST_CASE("what is ready at one instant is served by its number, whatever the order of the starts") {
  SharedLinks links =
      network(shared(1e6, 0, Sharing::fifo), {{tests::link(0, 0)}, {tests::link(0, 0, 1s)}, {tests::link(0, 0)}});
  links.start(transfer(1, kUp), 1'000'000, at(0s));
  links.start(transfer(2, kUp), 1'000'000, at(1s));
  CHECK(links.next_end() == at(1s));  // 2 would begin; but the latency of 1 ends at the same instant
  links.finish(at(1s));
  links.start(transfer(0, kUp), 1'000'000, at(1s));
  CHECK(drain(links) == ends({at(2s), at(3s), at(4s)}));
}

TEST_CASE("its own link holds a message back, and the rest of the capacity is nobody's") {
  SharedLinks links = network(shared(4e6, 0, Sharing::fifo), {{tests::link(1e6, 0)}, {tests::link(0, 0)}});
  links.start(transfer(0, kUp), 1'000'000, at(0s));
  links.start(transfer(1, kUp), 4'000'000, at(0s));
  CHECK(drain(links) == ends({at(1s), at(2s)}));
}

TEST_CASE("both directions wait for each other on a half-duplex link, and neither on one without a limit") {
  SharedLinks half = network(shared(1e6, 0, Sharing::fifo, true), {{tests::link(0, 0)}, {tests::link(0, 0)}});
  half.start(transfer(0, kUp), 1'000'000, at(0s));
  half.start(transfer(1, kDown), 1'000'000, at(0s));
  CHECK(drain(half) == ends({at(1s), at(2s)}));
  SharedLinks full = network(shared(1e6, 0, Sharing::fifo), {{tests::link(0, 1e6)}, {tests::link(0, 1e6)}});
  full.start(transfer(0, kDown), 1'000'000, at(0s));
  full.start(transfer(1, kDown), 1'000'000, at(0s));
  CHECK(drain(full) == ends({at(1s), at(1s)}));
}

TEST_CASE("a message keeps its turn through an outage, and a cancelled one gives it up") {
  SharedLink outage = shared(0, 0, Sharing::fifo);
  outage.up.trace = CapacityTrace({{at(0s), 1e6}, {at(1s), 0.0}, {at(3s), 2e6}}, TraceEnd::hold);
  SharedLinks links =
      network(outage, {{tests::link(0, 0)}, {tests::link(0, 0)}, {tests::link(0, 0)}, {tests::link(0, 0)}});
  for (const NodeId w : {0, 1, 2, 3}) links.start(transfer(w, kUp), 2'000'000, at(0s));
  links.cancel(transfer(1, kUp), at(500ms));  // in the line
  CHECK(links.finish(links.next_end()).empty());
  CHECK(links.finish(links.next_end()).empty());
  CHECK(links.rate(transfer(0, kUp)) == 2e6);
  links.cancel(transfer(0, kUp), at(3250ms));  // served: 0.5 MB of it are left
  CHECK(links.rate(transfer(2, kUp)) == 2e6);
  links.start(transfer(1, kUp), 2'000'000, at(3250ms));
  CHECK(drain(links) == std::map<MessageId, Time>{{2, at(4250ms)}, {3, at(5250ms)}, {1, at(6250ms)}});
}

TEST_CASE("regions that serve one after another share the server's link fairly, and the other way round") {
  // Two in the region, one outside; the server has 3 MB/s, the region 2.
  const std::vector<WorkerAccess> workers{{tests::link(0, 0), 0}, {tests::link(0, 0), 0}, {tests::link(0, 0), -1}};
  SharedLinks at_region = network(shared(3e6, 0, Sharing::fair), workers, {region(2e6, 0, Sharing::fifo)});
  for (const NodeId w : {0, 1, 2}) at_region.start(transfer(w, kUp), 3'000'000, at(0s));
  // 1.5 MB/s each for 0 and 2 until 2 s; then 1 has the region's 2 MB/s.
  CHECK(drain(at_region) == ends({at(2s), at(3500ms), at(2s)}));
  SharedLinks at_server = network(shared(3e6, 0, Sharing::fifo), workers, {region(2e6, 0, Sharing::fair)});
  for (const NodeId w : {0, 1, 2}) at_server.start(transfer(w, kUp), 3'000'000, at(0s));
  CHECK(drain(at_server) == ends({at(1500ms), at(3s), at(4s)}));
}

TEST_CASE("of a worker's messages the next stands in line once the one before has ended") {
  SharedLinks links = network(shared(1e6, 0, Sharing::fifo), {{tests::link(0, 0)}, {tests::link(0, 0)}}, {}, {2});
  const auto of = [](NodeId worker, FragmentId fragment) { return transfer(worker, kUp, fragment, {2}); };
  links.start(of(0, 0), 1'000'000, at(0s));
  links.start(of(0, 1), 1'000'000, at(0s));
  links.start(of(1, 0), 1'000'000, at(0s));
  CHECK(drain(links) == std::map<MessageId, Time>{{0, at(1s)}, {2, at(2s)}, {1, at(3s)}});
}

TEST_CASE("many messages in line, started and cancelled at random, are served one at a time and all end once") {
  clusters::Random random(3);
  SharedLinks links = network(shared(1e6, 1e6, Sharing::fifo, true),
                              {{tests::link(0, 0, 10ms)},
                               {tests::link(2e6, 0)},
                               {tests::link(0, 5e5)},
                               {tests::link(0, 0)},
                               {tests::link(0, 0)}},
                              {}, {3});
  std::map<MessageId, Transfer> under_way;
  Time now = kTimeZero;
  int ended = 0, cancelled = 0;
  for (int turn = 0; turn < 4000; ++turn) {
    const auto worker = static_cast<NodeId>(random.below(5));
    const Transfer t =
        transfer(worker, random.below(2) == 0 ? kUp : kDown, static_cast<FragmentId>(random.below(3)), {3});
    if (!under_way.contains(t.message)) {
      links.start(t, static_cast<uint64_t>(random.below(60'000)), now);
      under_way.insert({t.message, t});
    } else if (random.below(3) == 0) {
      links.cancel(under_way.at(t.message), now);
      under_way.erase(t.message);
      ++cancelled;
    }
    int flowing = 0;
    for (const auto& [message, what] : under_way) flowing += links.rate(what) > 0.0;
    CHECK(flowing <= 1);
    const Time next = now + from_seconds(random.uniform(0.0, 0.05));
    while (links.next_end() <= next) {
      now = links.next_end();
      for (const MessageId message : links.finish(now)) {
        CHECK(under_way.erase(message) == 1);
        ++ended;
      }
    }
    now = next;
  }
  const size_t left = drain(links).size();
  CHECK(left == under_way.size());
  CHECK(ended > 1000);
  CHECK(cancelled > 200);
}

TEST_CASE("a line forgets those who have left it, and keeps the order of the others") {
  SharedLinks links = network(shared(1e6, 0, Sharing::fifo),
                              {{tests::link(0, 0)}, {tests::link(0, 0)}, {tests::link(0, 0)}, {tests::link(0, 0)}});
  links.start(transfer(0, kUp), 2'000'000, at(0s));
  links.start(transfer(3, kUp), 1'000'000, at(500us));
  for (int i = 1; i < 1000; ++i) {
    links.start(transfer(1, kUp), 1'000'000, at(i * 1ms));
    links.cancel(transfer(1, kUp), at(i * 1ms));
  }
  links.start(transfer(2, kUp), 1'000'000, at(1s));
  links.start(transfer(1, kUp), 1'000'000, at(1s));
  CHECK(drain(links) == ends({at(2s), at(4s), at(5s), at(3s)}));
}

// --- by round-trip time ---

TEST_CASE(
    "shares are as 1 over the round-trip time, up and down together, and what one cannot take goes to the others") {
  // Round trips of 100, 200 and 400 ms: weights 4 : 2 : 1.
  const std::vector<WorkerAccess> workers{
      {tests::link(0, 0, 50ms, 50ms)}, {tests::link(0, 0, 0ms, 200ms)}, {tests::link(0, 0, 300ms, 100ms)}};
  SharedLinks links = network(shared(7e6, 0, Sharing::rtt_weighted), workers);
  for (const NodeId w : {0, 1, 2}) links.start(transfer(w, kUp), 1'000'000'000, at(0s));
  while (links.next_end() <= at(1s)) links.finish(links.next_end());
  CHECK(links.rate(transfer(0, kUp)) == Approx(4e6).epsilon(1e-14));
  CHECK(links.rate(transfer(1, kUp)) == Approx(2e6).epsilon(1e-14));
  CHECK(links.rate(transfer(2, kUp)) == Approx(1e6).epsilon(1e-14));

  std::vector<WorkerAccess> held = workers;
  held[0].link.upload.bytes_per_second = 1e6;  // 6 MB/s for the others, 2 : 1
  SharedLinks others = network(shared(7e6, 0, Sharing::rtt_weighted), held);
  for (const NodeId w : {0, 1, 2}) others.start(transfer(w, kUp), 1'000'000'000, at(0s));
  while (others.next_end() <= at(1s)) others.finish(others.next_end());
  CHECK(others.rate(transfer(0, kUp)) == Approx(1e6).epsilon(1e-14));
  CHECK(others.rate(transfer(1, kUp)) == Approx(4e6).epsilon(1e-14));
  CHECK(others.rate(transfer(2, kUp)) == Approx(2e6).epsilon(1e-14));
}

TEST_CASE("equal round-trip times share as without weights, to the nanosecond") {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    clusters::Cluster cluster = clusters::random_cluster(seed);
    for (WorkerAccess& kind : cluster.kinds) kind.link.upload.latency = kind.link.download.latency = 250ms;
    std::vector<std::map<NodeId, double>> ends;
    for (const Sharing sharing : {Sharing::fair, Sharing::rtt_weighted}) {
      for (auto* links : {&cluster.servers, &cluster.regions})
        for (SharedLink& link : *links) link.sharing = sharing;
      SharedLinks links(cluster.servers.front(), cluster.regions, cluster.workers(), cluster.kind_of_worker.size());
      ends.push_back(clusters::play(cluster, links).ends);
    }
    CHECK(ends[0] == ends[1]);  // each weighs 2, a power of two
  }
}

// --- a worker's own bandwidth over time ---

TEST_CASE("a worker's own trace moves its end, and what it leaves goes to the others of that moment") {
  WorkerAccess traced{tests::link(0, 0)};
  traced.link.upload_trace = std::make_shared<const CapacityTrace>(
      std::vector<CapacityTrace::Point>{{at(0s), 4e6}, {at(1s), 0.0}, {at(2s), 1e6}}, TraceEnd::hold);
  SharedLinks links = network(shared(4e6, 0, Sharing::fair), {traced, {tests::link(0, 0)}, traced});
  links.start(transfer(0, kUp), 3'000'000, at(0s));
  links.start(transfer(1, kUp), 10'000'000, at(0s));
  // 2 MB/s each for 1 s, 0 and 4 for 1 s, 1 and 3 for 1 s; then the other has all.
  const auto both = drain(links);
  CHECK(both.at(0) == at(3s));
  CHECK(both.at(1) == at(3250ms));
  links.start(transfer(2, kUp), 1'000'000, at(10s));  // long after the last change
  CHECK(drain(links).at(2) == at(11s));
}

TEST_CASE("a latency that ends after a change of its link's bandwidth meets the new one") {
  WorkerAccess traced{tests::link(0, 0, 2s)};
  traced.link.upload_trace = std::make_shared<const CapacityTrace>(
      std::vector<CapacityTrace::Point>{{at(0s), 1e6}, {at(1s), 2e6}}, TraceEnd::hold);
  for (const double server : {0.0, 1e9}) {
    SharedLinks links = network(shared(server, 0, Sharing::fair), {traced});
    links.start(transfer(0, kUp), 2'000'000, at(0s));
    CHECK(drain(links).at(0) == at(3s));
    CHECK_FALSE(links.fixed_duration(tests::route(0, kUp), 1).has_value());
  }
}

// --- what is refused ---

TEST_CASE("kinds of sharing that do not go together are refused with the link's name") {
  const auto message = [](const SharedLink& server, const SharedLink& of_region, const WorkerAccess& worker) {
    return error_message<std::invalid_argument>([&] { network(server, {worker}, {of_region}); });
  };
  using Catch::Matchers::Contains;
  const WorkerAccess far{tests::link(0, 0, 1s)};
  const SharedLink fair = shared(1, 1, Sharing::fair), fifo = shared(1, 1, Sharing::fifo),
                   weighted = shared(1, 1, Sharing::rtt_weighted);
  CHECK_THAT(message(fair, region(1, 1, Sharing::rtt_weighted), far), Contains("region: shares otherwise than server"));
  CHECK_THAT(message(fifo, region(1, 1, Sharing::fifo), far), Contains("region: serves one message after another"));
  CHECK_THAT(message(weighted, region(1, 1, Sharing::fifo), {tests::link(0, 0)}),
             Contains("the link of worker 0 has no latency"));
  CHECK(message(weighted, region(1, 1, Sharing::fifo), far).empty());
  CHECK(message(fifo, region(1, 1, Sharing::fair), far).empty());
}
