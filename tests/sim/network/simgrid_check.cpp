// Shared links beside SimGrid's network model in its plainest form: max-min fairness of a fluid, no TCP. Prints each
// transfer's two end times and exits with 1 where they differ by more than 1e-9 of themselves and 0.5 ns an event.
// Built where SimGrid is installed.
#include <simgrid/s4u.hpp>

#include <cmath>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/network/shared_links.h"
#include "tests/support/transfers.h"

namespace {

namespace sg = simgrid::s4u;

struct Message {
  double start;  // s
  uint64_t bytes;
  double cancel = -1.0;  // s; negative: never
};
struct Worker {
  double upload;  // bytes/s of its own link
  double latency = 0.0;
  int region = -1;
  Message message;
};
/// Uploads to one server.
struct Scenario {
  std::string name;
  double server;                // bytes/s
  std::vector<double> regions;  // bytes/s
  std::vector<Worker> workers;
};

using Ends = std::map<size_t, double>;  // of each worker, in s; none for a cancelled one

/// Builds the scenario inside `world`; SimGrid runs all of them at once, each on links of its own.
void put_into_simgrid(const Scenario& scenario, sg::NetZone* world, Ends& ends) {
  sg::NetZone* zone = sg::create_full_zone(scenario.name);
  zone->set_parent(world);
  const auto link = [&](const std::string& name, double bytes_per_second, double latency) {
    return zone->create_link(scenario.name + " " + name, bytes_per_second)->set_latency(latency)->seal();
  };
  sg::Host* server = zone->create_host(scenario.name + " server", 1e9)->seal();
  const sg::Link* ingress = link("ingress", scenario.server, 0.0);
  std::vector<const sg::Link*> regions;
  for (size_t r = 0; r < scenario.regions.size(); ++r)
    regions.push_back(link("region " + std::to_string(r), scenario.regions[r], 0.0));
  std::vector<sg::Host*> hosts;
  for (size_t w = 0; w < scenario.workers.size(); ++w) {
    const Worker& worker = scenario.workers[w];
    hosts.push_back(zone->create_host(scenario.name + " worker " + std::to_string(w), 1e9)->seal());
    std::vector<sg::LinkInRoute> route{
        sg::LinkInRoute(link("own " + std::to_string(w), worker.upload, worker.latency))};
    if (worker.region >= 0) route.emplace_back(regions[static_cast<size_t>(worker.region)]);
    route.emplace_back(ingress);
    zone->add_route(hosts.back()->get_netpoint(), server->get_netpoint(), nullptr, nullptr, route, false);
  }
  zone->seal();
  for (size_t w = 0; w < scenario.workers.size(); ++w) {
    sg::Actor::create("sender", hosts[w], [&ends, message = scenario.workers[w].message, host = hosts[w], server, w] {
      sg::this_actor::sleep_for(message.start);
      const sg::CommPtr comm = sg::Comm::sendto_async(host, server, message.bytes);
      if (message.cancel < 0.0) {
        comm->wait();
        ends[w] = sg::Engine::get_clock();
      } else {
        sg::this_actor::sleep_for(message.cancel - message.start);
        comm->cancel();
      }
    });
  }
}

Ends with_shared_links(const Scenario& scenario, size_t& events) {
  using namespace sim;
  std::vector<SharedLink> regions;
  const auto shared = [](double up) {
    return SharedLink{.name = "link", .up = {.bytes_per_second = up, .trace = {}}, .down = {}};
  };
  for (const double capacity : scenario.regions) regions.push_back(shared(capacity));
  std::vector<WorkerAccess> workers;
  for (const Worker& w : scenario.workers)
    workers.push_back({.link = {.download = {}, .upload = {from_seconds(w.latency), w.upload}}, .region = w.region});
  SharedLinks network(shared(scenario.server), regions, PerWorker<WorkerAccess>(workers), workers.size());
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
    all.push_back({.name = name, .server = 1e7, .regions = {}, .workers = {}});
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
    const Ends &ours = with_shared_links(scenario, events), &theirs = simgrid_ends[i];
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
