#include "sim/network/shared_links.h"

#include <cmath>
#include <map>
#include <random>
#include <stdexcept>
#include <string>

#include "sim/network/private_links.h"
#include "tests/support/catch.h"
#include "tests/support/progressive_filling.h"
#include "tests/support/times.h"
#include "tests/support/transfers.h"

using namespace sim;
using tests::at;
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

/// Advances to the end of everything; when each worker's transfer ended.
std::map<NodeId, Time> drain(Network& network) {
  std::map<NodeId, Time> ends;
  for (Time end; (end = network.next_end()) != Time::max();)
    for (const MessageId t : network.finish(end)) ends[t] = end;
  return ends;
}

// --- random clusters, and the reference's view of them ---

struct Message {
  NodeId worker;
  Direction direction;
  uint64_t bytes;
  Time start;
  std::optional<Time> cancel;
};

struct Cluster {
  SharedLink server_link;
  std::vector<SharedLink> regions;
  std::vector<WorkerAccess> kinds;
  std::vector<uint32_t> kind_of_worker;
  std::vector<Message> messages;  // in order of start

  SharedLinks network() const {
    return SharedLinks(server_link, regions, PerWorker<WorkerAccess>(kinds, kind_of_worker), kind_of_worker.size());
  }
};

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  int below(int n) { return static_cast<int>(engine_() % static_cast<uint64_t>(n)); }
  double uniform(double low, double high) {
    return low + (high - low) * static_cast<double>(engine_() >> 11) * 0x1p-53;
  }
  double log_uniform(double low, double high) { return std::exp(uniform(std::log(low), std::log(high))); }

 private:
  std::mt19937_64 engine_;
};

SharedCapacity random_capacity(Random& random, double typical) {
  SharedCapacity capacity;
  switch (random.below(4)) {
    case 0:
      break;  // unlimited
    case 1: {
      const bool repeats = random.below(2) == 0;
      std::vector<CapacityTrace::Point> points;
      Time time = kTimeZero;
      for (int i = 0; i < 4; ++i) {
        points.push_back({time, random.below(5) == 0 ? 0.0 : typical * random.log_uniform(0.2, 5.0)});
        time += from_seconds(random.uniform(5.0, 60.0));
      }
      points.push_back({time, repeats ? points[0].bytes_per_second : typical});
      points[1].bytes_per_second = typical;
      capacity.trace = CapacityTrace(points, repeats ? TraceEnd::repeat : TraceEnd::hold);
      break;
    }
    default:
      capacity.bytes_per_second = typical * random.log_uniform(0.3, 3.0);
  }
  return capacity;
}

Cluster random_cluster(uint64_t seed) {
  Random random(seed);
  Cluster cluster;
  const int workers = 2 + random.below(40);
  const double typical = 2e6 * workers;
  const auto shared = [&](const std::string& name, double capacity) {
    return SharedLink{.name = name,
                      .up = random_capacity(random, capacity),
                      .down = random_capacity(random, capacity),
                      .half_duplex = random.below(3) == 0};
  };
  cluster.server_link = shared("server", typical);
  const int regions = random.below(4);
  for (int r = 0; r < regions; ++r) cluster.regions.push_back(shared("region", typical / regions));
  const int kinds = 1 + random.below(random.below(2) == 0 ? 3 : workers);
  for (int k = 0; k < kinds; ++k) {
    const auto cap = [&] { return random.below(4) == 0 ? 0.0 : random.log_uniform(5e5, 2e7); };
    WorkerAccess kind = on_link(cap(), cap(), random.below(regions + 1) - 1);
    if (random.below(2) == 0) kind.link.upload.latency = from_seconds(random.uniform(0.0, 3.0));
    if (random.below(2) == 0) kind.link.download.latency = from_seconds(random.uniform(0.0, 3.0));
    cluster.kinds.push_back(kind);
  }
  Time start = kTimeZero;
  const bool alike = random.below(3) == 0;  // many equal messages, started together
  for (int w = 0; w < workers; ++w) {
    cluster.kind_of_worker.push_back(static_cast<uint32_t>(random.below(kinds)));
    if (!alike && random.below(3) > 0) start += from_seconds(random.uniform(0.0, 10.0));
    Message message{.worker = w,
                    .direction = random.below(2) == 0 ? kUp : kDown,
                    .bytes = alike ? 50'000'000u : static_cast<uint64_t>(random.log_uniform(1e6, 5e8)),
                    .start = start,
                    .cancel = {}};
    if (random.below(6) == 0) message.cancel = start + from_seconds(random.uniform(0.0, 40.0));
    cluster.messages.push_back(message);
  }
  return cluster;
}

/// The cluster as links and flows: a worker's own two links, then each region's two, then the server's two.
std::vector<double> reference_ends(const Cluster& cluster, const std::vector<Message>& messages) {
  const size_t workers = cluster.kind_of_worker.size(), regions = cluster.regions.size();
  const auto shared_index = [&](size_t link, Direction d) { return 2 * (workers + link) + (d == kDown); };
  const auto shared_link = [&](size_t link) { return link < regions ? cluster.regions[link] : cluster.server_link; };
  std::vector<double> changes;
  for (size_t link = 0; link <= regions; ++link)
    for (const Direction d : {kUp, kDown}) {
      const SharedLink shared = shared_link(link);
      const auto& trace = (d == kUp ? shared.up : shared.down).trace;
      if (!trace) continue;
      for (Time t = kTimeZero; t < kTimeZero + 5000s;) {
        t = trace->at(t).end;
        if (t == Time::max()) break;
        changes.push_back(to_seconds(t));
      }
    }
  std::sort(changes.begin(), changes.end());
  const auto limit = [](double bytes_per_second) { return bytes_per_second > 0.0 ? bytes_per_second : 1e30; };
  const auto capacity = [&](size_t index, double seconds) {
    const Direction d = index % 2 == 0 ? kUp : kDown;
    if (index / 2 < workers) {
      const PrivateLink& link = cluster.kinds[cluster.kind_of_worker[index / 2]].link;
      return limit(link.of(d).bytes_per_second);
    }
    const SharedLink shared = shared_link(index / 2 - workers);
    const SharedCapacity& c = d == kUp ? shared.up : shared.down;
    return c.trace ? c.trace->at(kTimeZero + from_seconds(seconds)).bytes_per_second : limit(c.bytes_per_second);
  };
  std::vector<reference::Flow> flows;
  for (const Message& m : messages) {
    const WorkerAccess& kind = cluster.kinds[cluster.kind_of_worker[static_cast<size_t>(m.worker)]];
    reference::Flow flow;
    flow.start = to_seconds(m.start + kind.link.of(m.direction).latency);
    flow.bytes = static_cast<double>(m.bytes);
    if (m.cancel) flow.cancel = to_seconds(*m.cancel);
    flow.links.push_back(2 * static_cast<size_t>(m.worker) + (m.direction == kDown));
    for (size_t link = 0; link <= regions; ++link)
      if (link == regions || static_cast<int>(link) == kind.region)
        flow.links.push_back(shared_index(link, shared_link(link).half_duplex ? kUp : m.direction));
    flows.push_back(flow);
  }
  return reference::ends(flows, 2 * (workers + regions + 1), capacity, changes);
}

struct Played {
  std::map<NodeId, double> ends;  // s
  size_t events = 0;
};

/// The cluster's messages on the network. In between, every byte is accounted for: the rates, summed over time, give
/// each transfer its bytes, and no link carries more than it can.
Played play(const Cluster& cluster) {
  SharedLinks network = cluster.network();
  Played played;
  std::map<NodeId, double> sent, fastest;  // bytes; bytes/s
  std::map<NodeId, Message> under_way;
  Time now = kTimeZero;
  size_t next = 0;
  for (;;) {
    Time then = network.next_end();
    if (next < cluster.messages.size()) then = std::min(then, cluster.messages[next].start);
    for (const auto& [worker, m] : under_way)
      if (m.cancel) then = std::min(then, std::max(now, *m.cancel));
    if (then == Time::max()) return played;
    double up = 0.0, down = 0.0;
    for (const auto& [worker, m] : under_way) {
      const double rate = network.rate(transfer(worker, m.direction));
      if (then > now) sent[worker] += rate * to_seconds(then - now);
      fastest[worker] = std::max(fastest[worker], rate);
      (m.direction == kUp ? up : down) += rate;
    }
    const auto fits = [&](double load, const SharedCapacity& c) {
      const double limit = c.trace ? c.trace->at(now).bytes_per_second : c.bytes_per_second;
      if ((c.trace || limit > 0.0) && then > now) CHECK(load <= limit * (1 + 1e-12));
    };
    fits(cluster.server_link.half_duplex ? up + down : up, cluster.server_link.up);
    if (!cluster.server_link.half_duplex) fits(down, cluster.server_link.down);
    now = then;
    ++played.events;
    if (network.next_end() == now)
      for (const MessageId t : network.finish(now)) {
        const Message& m = under_way.at(t);
        played.ends[t] = to_seconds(now);
        // An unlimited flow has an infinite rate for no time. Else what integer time may add: 0.5 ns an event.
        if (fastest[t] == 0.0 || !std::isfinite(fastest[t]))
          CHECK(cluster.kinds[cluster.kind_of_worker[static_cast<size_t>(t)]].link.of(m.direction).bytes_per_second ==
                0.0);
        else
          CHECK(std::fabs(sent[t] - static_cast<double>(m.bytes)) <=
                1e-8 * static_cast<double>(m.bytes) + 0.5e-9 * static_cast<double>(played.events) * fastest[t]);
        under_way.erase(t);
      }
    for (auto it = under_way.begin(); it != under_way.end();) {
      if (it->second.cancel && *it->second.cancel <= now) {
        network.cancel(transfer(it->first, it->second.direction), now);
        it = under_way.erase(it);
      } else {
        ++it;
      }
    }
    while (next < cluster.messages.size() && cluster.messages[next].start == now) {
      const Message& m = cluster.messages[next++];
      network.start(transfer(m.worker, m.direction), m.bytes, now);
      under_way[m.worker] = m;
    }
  }
}

}  // namespace

TEST_CASE("transfers end when exact progressive filling says, to 1e-8, on 600 random clusters") {
  size_t compared = 0;
  for (uint64_t seed = 1; seed <= 600; ++seed) {
    INFO("seed " << seed);
    const Cluster cluster = random_cluster(seed);
    const Played played = play(cluster);
    const std::vector<double> expected = reference_ends(cluster, cluster.messages);
    for (const Message& m : cluster.messages) {
      const double end = expected[static_cast<size_t>(m.worker)];
      // A cancellation within rounding of the end may fall on either side of it.
      if (m.cancel && std::fabs(to_seconds(*m.cancel) - end) < 1e-6) continue;
      const auto found = played.ends.find(m.worker);
      REQUIRE((found != played.ends.end()) == std::isfinite(end));
      if (found == played.ends.end()) continue;
      // Half a nanosecond an event is what integer time may add.
      const double tolerance = 1e-8 * end + 0.5e-9 * static_cast<double>(played.events);
      CHECK(std::fabs(found->second - end) <= tolerance);
      ++compared;
    }
  }
  CHECK(compared > 8000);
}

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
  cluster.server_link = server(7e6, 7e6);
  cluster.kinds = {on_link(1e6, 2e6), on_link(0, 0)};
  cluster.kind_of_worker = {0, 0, 0, 1, 1, 1};
  SharedLinks network = cluster.network();
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
  const std::vector<double> expected = reference_ends(cluster, messages);
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
