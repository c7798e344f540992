#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "sim/network/shared_link.h"
#include "tests/support/catch.h"
#include "tests/support/progressive_filling.h"
#include "tests/support/transfers.h"

/// Random clusters whose messages share links, and when these end by the slow textbook reference.
namespace clusters {

using namespace sim;
using tests::kDown;
using tests::kUp;

struct Message {
  NodeId worker;
  Direction direction;
  uint64_t bytes;
  Time start;
  std::optional<Time> cancel;
};

struct Cluster {
  std::vector<SharedLink> servers;  ///< one, or one for each part of a message
  std::vector<SharedLink> regions;
  std::vector<WorkerAccess> kinds;
  std::vector<uint32_t> kind_of_worker;
  std::vector<Message> messages;  ///< in order of start

  const WorkerAccess& access(NodeId worker) const { return kinds[kind_of_worker[static_cast<size_t>(worker)]]; }
  PerWorker<WorkerAccess> workers() const { return PerWorker<WorkerAccess>(kinds, kind_of_worker); }
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

inline CapacityTrace random_trace(Random& random, double typical) {
  const bool repeats = random.below(2) == 0;
  std::vector<CapacityTrace::Point> points;
  Time time = kTimeZero;
  for (int i = 0; i < 4; ++i) {
    points.push_back({time, random.below(5) == 0 ? 0.0 : typical * random.log_uniform(0.2, 5.0)});
    time += from_seconds(random.uniform(5.0, 60.0));
  }
  points.push_back({time, repeats ? points[0].bytes_per_second : typical});
  points[1].bytes_per_second = typical;
  return CapacityTrace(points, repeats ? TraceEnd::repeat : TraceEnd::hold);
}

inline SharedCapacity random_capacity(Random& random, double typical) {
  SharedCapacity capacity;
  switch (random.below(4)) {
    case 0:
      break;  // unlimited
    case 1:
      capacity.trace = random_trace(random, typical);
      break;
    default:
      capacity.bytes_per_second = typical * random.log_uniform(0.3, 3.0);
  }
  return capacity;
}

struct Wanted {
  int servers = 1;
  Sharing sharing = Sharing::fair;
  bool own_traces = false;
};

inline Cluster random_cluster(uint64_t seed, const Wanted& wanted = {}) {
  Random random(seed);
  Cluster cluster;
  const int workers = 2 + random.below(40);
  const double typical = 2e6 * workers;
  const auto shared = [&](const std::string& name, double capacity, Sharing sharing) {
    return SharedLink{.name = name,
                      .up = random_capacity(random, capacity),
                      .down = random_capacity(random, capacity),
                      .half_duplex = random.below(3) == 0,
                      .sharing = sharing};
  };
  // One after another at the server, or at some regions.
  const bool fifo = wanted.sharing == Sharing::fifo, fifo_regions = fifo && random.below(2) == 0;
  for (int s = 0; s < wanted.servers; ++s)
    cluster.servers.push_back(
        shared("server", typical / wanted.servers, fifo_regions ? Sharing::fair : wanted.sharing));
  const int regions = random.below(4);
  for (int r = 0; r < regions; ++r)
    cluster.regions.push_back(shared("region", typical / regions,
                                     fifo && (!fifo_regions || random.below(3) == 0) ? Sharing::fair : wanted.sharing));
  const int kinds = 1 + random.below(random.below(2) == 0 ? 3 : workers);
  for (int k = 0; k < kinds; ++k) {
    const auto cap = [&] { return random.below(4) == 0 ? 0.0 : random.log_uniform(5e5, 2e7); };
    WorkerAccess kind{.link = tests::link(cap(), cap()), .region = random.below(regions + 1) - 1};
    const bool weighted = wanted.sharing == Sharing::rtt_weighted;
    if (weighted || random.below(2) == 0) kind.link.upload.latency = from_seconds(random.uniform(0.001, 3.0));
    if (random.below(2) == 0) kind.link.download.latency = from_seconds(random.uniform(0.0, 3.0));
    if (wanted.own_traces)
      for (const Direction direction : {kUp, kDown}) {
        if (random.below(2) == 0) continue;
        auto trace = std::make_shared<const CapacityTrace>(random_trace(random, random.log_uniform(5e5, 2e7)));
        (direction == kUp ? kind.link.upload_trace : kind.link.download_trace) = trace;
        (direction == kUp ? kind.link.upload : kind.link.download).bytes_per_second = 0.0;
      }
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

/// When each of the messages ends, in seconds: the cluster as links and flows. A worker's own two links, then each
/// region's two, then each server's two; a flow for each part of a message.
inline std::vector<double> reference_ends(const Cluster& cluster, const std::vector<Message>& messages) {
  const size_t workers = cluster.kind_of_worker.size(), regions = cluster.regions.size();
  const size_t shared_links = regions + cluster.servers.size();
  const auto shared_index = [&](size_t link, Direction d) { return 2 * (workers + link) + (d == kDown); };
  const auto shared_link = [&](size_t link) -> const SharedLink& {
    return link < regions ? cluster.regions[link] : cluster.servers[link - regions];
  };
  // Of links 2i and 2i + 1, uploads and downloads.
  const auto trace = [&](size_t index) -> const CapacityTrace* {
    const Direction d = index % 2 == 0 ? kUp : kDown;
    if (index / 2 < workers) return cluster.access(static_cast<NodeId>(index / 2)).link.trace(d);
    const SharedLink& link = shared_link(index / 2 - workers);
    const auto& its = (d == kUp ? link.up : link.down).trace;
    return its ? &*its : nullptr;
  };
  std::vector<double> changes;
  for (size_t index = 0; index < 2 * (workers + shared_links); ++index)
    for (Time t = kTimeZero; trace(index) && t < kTimeZero + std::chrono::seconds(5000);) {
      t = trace(index)->at(t).end;
      if (t == Time::max()) break;
      changes.push_back(to_seconds(t));
    }
  std::sort(changes.begin(), changes.end());
  changes.erase(std::unique(changes.begin(), changes.end()), changes.end());
  const auto limit = [](double bytes_per_second) { return bytes_per_second > 0.0 ? bytes_per_second : 1e30; };
  const auto capacity = [&](size_t index, double seconds) {
    if (const CapacityTrace* its = trace(index)) return its->at(kTimeZero + from_seconds(seconds)).bytes_per_second;
    const Direction d = index % 2 == 0 ? kUp : kDown;
    if (index / 2 < workers) return limit(cluster.access(static_cast<NodeId>(index / 2)).link.of(d).bytes_per_second);
    const SharedLink& link = shared_link(index / 2 - workers);
    return limit((d == kUp ? link.up : link.down).bytes_per_second);
  };
  std::vector<reference::Flow> flows;
  for (const Message& m : messages) {
    const WorkerAccess& kind = cluster.access(m.worker);
    const size_t parts = cluster.servers.size();
    for (size_t part = 0; part < parts; ++part) {
      reference::Flow flow;
      flow.start = to_seconds(m.start + kind.link.of(m.direction).latency);
      flow.bytes = static_cast<double>(m.bytes / parts + (part < m.bytes % parts ? 1 : 0));
      if (m.cancel) flow.cancel = to_seconds(*m.cancel);
      flow.links.push_back(2 * static_cast<size_t>(m.worker) + (m.direction == kDown));
      for (const size_t link : {static_cast<size_t>(kind.region), regions + part}) {
        if (link == static_cast<size_t>(-1)) continue;
        const SharedLink& shared = shared_link(link);
        const SharedCapacity& its = m.direction == kUp || shared.half_duplex ? shared.up : shared.down;
        flow.links.push_back(shared_index(link, shared.half_duplex ? kUp : m.direction));
        if (shared.sharing == Sharing::fifo && (its.trace || its.bytes_per_second > 0.0))
          flow.in_turn = flow.links.back();
        if (shared.sharing == Sharing::rtt_weighted)
          flow.weight = 1.0 / to_seconds(kind.link.download.latency + kind.link.upload.latency);
      }
      flows.push_back(flow);
    }
  }
  const std::vector<double> parts = reference::ends(flows, 2 * (workers + shared_links), capacity, changes);
  std::vector<double> ends;
  for (size_t m = 0; m < messages.size(); ++m) {
    const auto first = parts.begin() + static_cast<std::ptrdiff_t>(m * cluster.servers.size());
    ends.push_back(*std::max_element(first, first + static_cast<std::ptrdiff_t>(cluster.servers.size())));
  }
  return ends;
}

struct Played {
  std::map<NodeId, double> ends;  // s
  size_t events = 0;
};

/// The cluster's messages on a network. Where it tells rates, every byte is accounted for in between: the rates, summed
/// over time, give each transfer its bytes, and no server's link carries more than it can.
template <class N>
Played play(const Cluster& cluster, N& network) {
  constexpr bool kTellsRates = requires { network.rate(Transfer{}); };
  Played played;
  std::map<NodeId, double> sent, fastest;  // bytes; bytes/s
  std::map<NodeId, Message> under_way;
  Time now = kTimeZero;
  size_t next = 0;
  const SharedLink& server = cluster.servers.front();
  for (;;) {
    Time then = network.next_end();
    if (next < cluster.messages.size()) then = std::min(then, cluster.messages[next].start);
    for (const auto& [worker, m] : under_way)
      if (m.cancel) then = std::min(then, std::max(now, *m.cancel));
    if (then == Time::max()) return played;
    if constexpr (kTellsRates) {
      double up = 0.0, down = 0.0;
      for (const auto& [worker, m] : under_way) {
        const double rate = network.rate(tests::transfer(worker, m.direction));
        if (then > now) sent[worker] += rate * to_seconds(then - now);
        fastest[worker] = std::max(fastest[worker], rate);
        (m.direction == kUp ? up : down) += rate;
      }
      const auto fits = [&](double load, const SharedCapacity& c) {
        const double limit = c.trace ? c.trace->at(now).bytes_per_second : c.bytes_per_second;
        if ((c.trace || limit > 0.0) && then > now) CHECK(load <= limit * (1 + 1e-12));
      };
      fits(server.half_duplex ? up + down : up, server.up);
      if (!server.half_duplex) fits(down, server.down);
    }
    now = then;
    ++played.events;
    if (network.next_end() == now)
      for (const MessageId t : network.finish(now)) {
        const Message& m = under_way.at(t);
        played.ends[t] = to_seconds(now);
        if constexpr (kTellsRates) {
          // An unlimited flow has an infinite rate for no time. Else what integer time may add: 0.5 ns an event.
          if (fastest[t] == 0.0 || !std::isfinite(fastest[t]))
            CHECK(cluster.access(t).link.of(m.direction).bytes_per_second == 0.0);
          else
            CHECK(std::fabs(sent[t] - static_cast<double>(m.bytes)) <=
                  1e-8 * static_cast<double>(m.bytes) + 0.5e-9 * static_cast<double>(played.events) * fastest[t]);
        }
        under_way.erase(t);
      }
    for (auto it = under_way.begin(); it != under_way.end();) {
      if (it->second.cancel && *it->second.cancel <= now) {
        network.cancel(tests::transfer(it->first, it->second.direction), now);
        it = under_way.erase(it);
      } else {
        ++it;
      }
    }
    while (next < cluster.messages.size() && cluster.messages[next].start == now) {
      const Message& m = cluster.messages[next++];
      network.start(tests::transfer(m.worker, m.direction), m.bytes, now);
      under_way[m.worker] = m;
    }
  }
}

/// Checks each end against the reference, to 1e-8 relative and the half a nanosecond an event that integer time may
/// add. How many ends there were.
template <class N>
size_t compare(const Cluster& cluster, N& network) {
  const Played played = play(cluster, network);
  const std::vector<double> expected = reference_ends(cluster, cluster.messages);
  size_t compared = 0;
  for (const Message& m : cluster.messages) {
    const double end = expected[static_cast<size_t>(m.worker)];
    // A cancellation within rounding of the end may fall on either side of it.
    if (m.cancel && std::fabs(to_seconds(*m.cancel) - end) < 1e-6) continue;
    const auto found = played.ends.find(m.worker);
    REQUIRE((found != played.ends.end()) == std::isfinite(end));
    if (found == played.ends.end()) continue;
    CHECK(std::fabs(found->second - end) <= 1e-8 * end + 0.5e-9 * static_cast<double>(played.events));
    ++compared;
  }
  return compared;
}

}  // namespace clusters
