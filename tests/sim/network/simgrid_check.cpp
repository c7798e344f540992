// Shared links beside SimGrid's network model in its plainest form: max-min fairness of a fluid, no TCP. Prints each
// transfer's two end times and exits with 1 where they differ by more than 1e-9 of themselves and 0.5 ns an event.
// SimGrid weighs flows by 1 over their way's latency, which is our weight by round-trip time where both directions have
// one latency. A link that serves one message after another is a mutex there, the latency a sleep before it. A message
// in parts is as many of its communications. Built where SimGrid is installed.
#include <simgrid/kernel/ProfileBuilder.hpp>
#include <simgrid/s4u.hpp>

#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/network/sharded_servers.h"
#include "sim/network/shared_links.h"
#include "tests/support/transfers.h"

namespace {

namespace sg = simgrid::s4u;

struct Message {
  double start;  // s
  uint64_t bytes;
  double cancel = -1.0;  // s; negative: never
};
struct Trace {
  std::vector<std::pair<double, double>> points;  // s, bytes/s; of a repeating one the last closes the period
  bool repeats = false;
};
struct Worker {
  double upload;  // bytes/s of its own link
  double latency = 0.0;
  int region = -1;
  Message message;
  std::optional<Trace> trace{};  // instead of `upload`
};
/// Uploads to one server, or in parts to several.
struct Scenario {
  std::string name;
  std::vector<double> servers;  // bytes/s
  std::vector<double> regions;  // bytes/s
  std::vector<Worker> workers;
  sim::Sharing sharing = sim::Sharing::fair;  // of the server's link
  sim::Sharing region_sharing = sim::Sharing::fair;
};

using Ends = std::map<size_t, double>;  // of each worker, in s; none for a cancelled one

/// A link's bandwidth over time.
simgrid::kernel::profile::Profile* profile(const std::string& name, const Trace& trace) {
  std::string lines;
  char line[100];
  const size_t count = trace.points.size() - trace.repeats;
  for (size_t i = 0; i < count; ++i) {
    std::snprintf(line, sizeof line, "%.17g %.17g\n", trace.points[i].first, trace.points[i].second);
    lines += line;
  }
  const double period = trace.repeats ? trace.points.back().first : -1.0;
  return simgrid::kernel::profile::ProfileBuilder::from_string(name, lines, period);
}

/// Builds the scenario inside `world`; SimGrid runs all of them at once, each on links of its own.
void put_into_simgrid(const Scenario& scenario, sg::NetZone* world, Ends& ends) {
  sg::NetZone* zone = sg::create_full_zone(scenario.name);
  zone->set_parent(world);
  const auto link = [&](const std::string& name, double bytes_per_second, double latency,
                        const std::optional<Trace>& trace = {}) {
    sg::Link* made = zone->create_link(scenario.name + " " + name, bytes_per_second)->set_latency(latency);
    if (trace) made->set_bandwidth_profile(profile(scenario.name + " " + name, *trace));
    return made->seal();
  };
  std::vector<sg::Host*> servers;
  std::vector<const sg::Link*> ingress, regions;
  for (size_t s = 0; s < scenario.servers.size(); ++s) {
    servers.push_back(zone->create_host(scenario.name + " server " + std::to_string(s), 1e9)->seal());
    ingress.push_back(link("ingress " + std::to_string(s), scenario.servers[s], 0.0));
  }
  for (size_t r = 0; r < scenario.regions.size(); ++r)
    regions.push_back(link("region " + std::to_string(r), scenario.regions[r], 0.0));
  // Of links that serve one after another, the server's last.
  std::vector<sg::MutexPtr> turns(scenario.regions.size() + 1);
  if (scenario.region_sharing == sim::Sharing::fifo)
    for (size_t r = 0; r < scenario.regions.size(); ++r) turns[r] = sg::Mutex::create();
  if (scenario.sharing == sim::Sharing::fifo) turns.back() = sg::Mutex::create();
  const auto turn_of = [&](const Worker& worker) {
    const sg::MutexPtr& region = worker.region >= 0 ? turns[static_cast<size_t>(worker.region)] : turns.back();
    return region ? region : turns.back();
  };
  std::vector<sg::Host*> hosts;
  for (size_t w = 0; w < scenario.workers.size(); ++w) {
    const Worker& worker = scenario.workers[w];
    hosts.push_back(zone->create_host(scenario.name + " worker " + std::to_string(w), 1e9)->seal());
    const double latency = turn_of(worker) ? 0.0 : worker.latency;
    const sg::Link* own = link("own " + std::to_string(w), worker.upload, latency, worker.trace);
    for (size_t s = 0; s < servers.size(); ++s) {
      std::vector<sg::LinkInRoute> route{sg::LinkInRoute(own)};
      if (worker.region >= 0) route.emplace_back(regions[static_cast<size_t>(worker.region)]);
      route.emplace_back(ingress[s]);
      zone->add_route(hosts.back()->get_netpoint(), servers[s]->get_netpoint(), nullptr, nullptr, route, false);
    }
  }
  zone->seal();
  for (size_t w = 0; w < scenario.workers.size(); ++w) {
    const Worker& worker = scenario.workers[w];
    sg::Actor::create("sender", hosts[w], [&ends, worker, turn = turn_of(worker), host = hosts[w], servers, w] {
      const Message& message = worker.message;
      sg::this_actor::sleep_for(message.start + (turn ? worker.latency : 0.0));
      if (turn) turn->lock();
      std::vector<sg::CommPtr> parts;
      for (size_t s = 0; s < servers.size(); ++s)
        parts.push_back(sg::Comm::sendto_async(
            host, servers[s], message.bytes / servers.size() + (s < message.bytes % servers.size() ? 1 : 0)));
      if (message.cancel < 0.0) {
        for (const sg::CommPtr& part : parts) part->wait();
        ends[w] = sg::Engine::get_clock();
      } else {
        sg::this_actor::sleep_for(message.cancel - message.start);
        for (const sg::CommPtr& part : parts) part->cancel();
      }
      if (turn) turn->unlock();
    });
  }
}

std::unique_ptr<sim::Network> network_of(const Scenario& scenario) {
  using namespace sim;
  const auto shared = [](double up, Sharing sharing) {
    return SharedLink{.name = "link", .up = {.bytes_per_second = up, .trace = {}}, .down = {}, .sharing = sharing};
  };
  std::vector<SharedLink> servers, regions;
  for (const double capacity : scenario.servers) servers.push_back(shared(capacity, scenario.sharing));
  for (const double capacity : scenario.regions) regions.push_back(shared(capacity, scenario.region_sharing));
  std::vector<WorkerAccess> workers;
  for (const Worker& w : scenario.workers) {
    const Duration latency = from_seconds(w.latency);
    WorkerAccess access{.link = {.download = {latency, 0.0}, .upload = {latency, w.upload}}, .region = w.region};
    if (w.trace) {
      std::vector<CapacityTrace::Point> points;
      for (const auto& [time, capacity] : w.trace->points) points.push_back({kTimeZero + from_seconds(time), capacity});
      access.link.upload.bytes_per_second = 0.0;
      access.link.upload_trace = std::make_shared<const CapacityTrace>(
          std::move(points), w.trace->repeats ? TraceEnd::repeat : TraceEnd::hold);
    }
    workers.push_back(access);
  }
  const PerWorker<WorkerAccess> accesses(workers);
  if (servers.size() > 1) return std::make_unique<ShardedServers>(servers, regions, accesses, workers.size());
  return std::make_unique<SharedLinks>(servers.front(), regions, accesses, workers.size());
}

Ends with_ours(const Scenario& scenario, size_t& events) {
  using namespace sim;
  const std::unique_ptr<Network> made = network_of(scenario);
  Network& network = *made;
  std::multimap<Time, size_t> starts, cancels;
  for (size_t w = 0; w < scenario.workers.size(); ++w) {
    const Message& message = scenario.workers[w].message;
    starts.emplace(kTimeZero + from_seconds(message.start), w);
    if (message.cancel >= 0.0) cancels.emplace(kTimeZero + from_seconds(message.cancel), w);
  }
  Ends ends;
  for (;;) {
    Time now = network.next_end();
    for (const auto* todo : {&starts, &cancels})
      if (!todo->empty()) now = std::min(now, todo->begin()->first);
    if (now == Time::max()) return ends;
    ++events;
    if (network.next_end() == now)
      for (const MessageId t : network.finish(now)) ends[static_cast<size_t>(t)] = to_seconds(now);
    for (; !cancels.empty() && cancels.begin()->first == now; cancels.erase(cancels.begin()))
      network.cancel(tests::transfer(static_cast<NodeId>(cancels.begin()->second), Direction::upload), now);
    for (; !starts.empty() && starts.begin()->first == now; starts.erase(starts.begin())) {
      const size_t w = starts.begin()->second;
      network.start(tests::transfer(static_cast<NodeId>(w), Direction::upload), scenario.workers[w].message.bytes, now);
    }
  }
}

std::vector<Scenario> scenarios() {
  std::vector<Scenario> all;
  const auto equal = [&](const std::string& name, int n) -> Scenario& {
    all.push_back({.name = name, .servers = {1e7}, .regions = {}, .workers = {}});
    for (int w = 0; w < n; ++w)
      all.back().workers.push_back({.upload = 1e9, .message = {.start = 0.0, .bytes = 3'000'000}});
    return all.back();
  };
  equal("equal flows", 16);
  Scenario& own = equal("own links", 12);
  for (size_t w = 0; w < own.workers.size(); ++w) own.workers[w].upload = 1e5 * static_cast<double>(1 + w * w);
  equal("a late flow", 3).workers.back().message.start = 0.7;
  Scenario& sizes = equal("sizes, links and a latency", 20);
  for (size_t w = 0; w < sizes.workers.size(); ++w) {
    sizes.workers[w].latency = 0.01;  // the same for all: SimGrid has longer ways take smaller shares, as in TCP
    sizes.workers[w].upload = w % 3 == 0 ? 4e5 : 2e6;
    sizes.workers[w].message = {.start = 0.13 * static_cast<double>(w), .bytes = 1'000'000 + 345'678 * (w % 5)};
  }
  Scenario& regions = equal("regions", 18);
  regions.regions = {1e6, 3e6, 9e6};
  for (size_t w = 0; w < regions.workers.size(); ++w) {
    regions.workers[w].region = static_cast<int>(w % 4) - 1;
    regions.workers[w].upload = 3e5 * static_cast<double>(1 + w % 5);
    regions.workers[w].message.start = 0.21 * static_cast<double>(w % 6);
  }
  Scenario& cancelled = equal("cancelled flows", 10);
  for (const size_t w : {2, 5, 8}) cancelled.workers[w].message.cancel = 0.3 * static_cast<double>(w);

  Scenario& weighted = equal("by round-trip time", 18);
  weighted.regions = {1e6, 3e6, 9e6};
  weighted.sharing = weighted.region_sharing = sim::Sharing::rtt_weighted;
  for (size_t w = 0; w < weighted.workers.size(); ++w) {
    weighted.workers[w].region = static_cast<int>(w % 4) - 1;
    weighted.workers[w].latency = 0.005 * static_cast<double>(1 + w % 7);
    if (w % 3 == 0) weighted.workers[w].upload = 2e5 * static_cast<double>(1 + w % 5);
    weighted.workers[w].message.start = 0.21 * static_cast<double>(w % 6);
  }
  Scenario& in_turn = equal("one after another", 12);
  in_turn.sharing = sim::Sharing::fifo;
  for (size_t w = 0; w < in_turn.workers.size(); ++w) {
    in_turn.workers[w].latency = 0.07 * static_cast<double>(w % 5);
    in_turn.workers[w].upload = w % 2 == 0 ? 4e6 : 1e9;
    in_turn.workers[w].message.start = 0.11 * static_cast<double>((7 * w) % 12);
  }
  Scenario& regions_in_turn = equal("regions, each one after another", 15);
  regions_in_turn.regions = {4e6, 9e6};
  regions_in_turn.region_sharing = sim::Sharing::fifo;
  for (size_t w = 0; w < regions_in_turn.workers.size(); ++w) {
    regions_in_turn.workers[w].region = static_cast<int>(w % 3) - 1;
    regions_in_turn.workers[w].message = {.start = 0.013 * static_cast<double>(w),
                                          .bytes = 1'000'000 + 345'678 * (w % 5)};
  }
  Scenario& traced = equal("own links over time", 12);
  for (size_t w = 0; w < traced.workers.size(); ++w) {
    // Nothing that SimGrid does otherwise: it holds a flow to its links' bandwidths of its start, and 0 limits nothing.
    const double x = static_cast<double>(1 + w % 4);
    if (w % 3 == 0) traced.workers[w].trace = {{{0.0, 1e6 * x}, {0.7 * x, 1e3}, {1.1 * x, 9e5}, {1.9 * x, 2e5}}, false};
    if (w % 3 == 1) traced.workers[w].trace = {{{0.0, 1e6 * x}, {0.7, 2e5}, {0.9, 1e6 * x}}, true};
    traced.workers[w].message.start = 0.17 * static_cast<double>(w % 5);
  }
  Scenario& parts = equal("parts on four servers", 14);
  parts.servers = {1e6, 2e6, 2e6, 7e6};
  parts.regions = {2e6, 5e6};
  for (size_t w = 0; w < parts.workers.size(); ++w) {
    parts.workers[w].region = static_cast<int>(w % 3) - 1;
    parts.workers[w].upload = w % 2 == 0 ? 6e5 : 4e6;
    parts.workers[w].message = {.start = 0.19 * static_cast<double>(w % 7), .bytes = 1'000'001 + 345'678 * (w % 5)};
    if (w % 6 == 5) parts.workers[w].message.cancel = 0.9 + parts.workers[w].message.start;
  }
  return all;
}

}  // namespace

int main(int, char** argv) {
  std::vector<std::string> words{argv[0],
                                 "--log=root.thresh:error",
                                 "--cfg=network/model:CM02",
                                 "--cfg=network/optim:Full",
                                 "--cfg=network/crosstraffic:0",
                                 "--cfg=network/TCP-gamma:1e20",
                                 "--cfg=network/latency-factor:1",
                                 "--cfg=network/bandwidth-factor:1",
                                 "--cfg=network/weight-S:0",
                                 "--cfg=network/maxmin-selective-update:no",
                                 "--cfg=surf/precision:1e-12",
                                 "--cfg=maxmin/precision:1e-12"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  int count = static_cast<int>(arguments.size());
  const sg::Engine engine(&count, arguments.data());
  const std::vector<Scenario> all = scenarios();
  std::vector<Ends> simgrid_ends(all.size());
  sg::NetZone* world = sg::create_full_zone("world");
  for (size_t i = 0; i < all.size(); ++i) put_into_simgrid(all[i], world, simgrid_ends[i]);
  world->seal();
  engine.run();
  int wrong = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    const Scenario& scenario = all[i];
    size_t events = 0;
    const Ends &ours = with_ours(scenario, events), &theirs = simgrid_ends[i];
    double worst = 0.0;
    for (size_t w = 0; w < scenario.workers.size(); ++w) {
      const auto a = ours.find(w), b = theirs.find(w);
      const bool both = a != ours.end() && b != theirs.end();
      if (!both && (a != ours.end()) == (b != theirs.end())) continue;  // cancelled in both
      const double difference = both ? std::fabs(a->second - b->second) : HUGE_VAL;
      if (both) worst = std::max(worst, difference / b->second);
      if (difference <= 1e-9 * (both ? b->second : 0.0) + 0.5e-9 * static_cast<double>(events)) continue;
      std::printf("%s, worker %zu: %.12g s here, %.12g s with SimGrid\n", scenario.name.c_str(), w,
                  a == ours.end() ? -1.0 : a->second, b == theirs.end() ? -1.0 : b->second);
      ++wrong;
    }
    std::printf("%s: %zu ends, largest relative difference %.2g\n", scenario.name.c_str(), ours.size(), worst);
  }
  return wrong > 0 ? 1 : 0;
}
