#include "experiments/run/build_network.h"

#include <algorithm>
#include <stdexcept>

#include "experiments/config/invalid_config.h"
#include "experiments/config/parse.h"
#include "experiments/config/regions.h"
#include "experiments/run/build_fragments.h"
#include "experiments/run/per_entry.h"
#include "experiments/run/region_paths.h"
#include "sim/network/all_gather.h"
#include "sim/network/private_links.h"
#include "sim/network/ring_all_reduce.h"
#include "sim/network/sharded_servers.h"

namespace experiments {
namespace {

sim::LinkSpec build_link(const LinkConfig& c) {
  return {sim::from_seconds(c.latency_seconds), c.capacity.bytes_per_second.value_or(0.0), c.capacity.rates};
}

/// Where others have a say in a message's time, rates by size become the one of the size that all have: on a ring of
/// the n-th part that goes from hop to hop.
RunConfig with_constant_rates(RunConfig run) {
  const std::vector<sim::FragmentBytes> bytes = build_bytes(run);
  const double parts =
      std::holds_alternative<RingNetworkConfig>(run.network) ? static_cast<double>(run.worker_count()) : 1;
  const auto settle = [&](CapacityConfig& link, uint64_t size) {
    if (link.rates.empty()) return;
    link.bytes_per_second = link.rate(static_cast<double>(size) / parts);
    link.rates.clear();
  };
  for (WorkerConfig& worker : run.workers) {
    settle(worker.upload.capacity, bytes.front().pseudo_gradient());
    settle(worker.download.capacity, bytes.front().model);
  }
  return run;
}

std::shared_ptr<const sim::CapacityTrace> build_trace(const LinkConfig& c) {
  if (!c.capacity.trace) return nullptr;
  return std::make_shared<const sim::CapacityTrace>(sim::read_capacity_trace(*c.capacity.trace, c.capacity.after));
}

sim::PrivateLink build_links(const WorkerConfig& worker) {
  return {.download = build_link(worker.download),
          .upload = build_link(worker.upload),
          .download_trace = build_trace(worker.download),
          .upload_trace = build_trace(worker.upload)};
}

sim::MessageNumbers numbers(const RunConfig& run) { return {static_cast<int>(message_count(run))}; }

std::unique_ptr<sim::Network> build(const RunConfig& run, const PrivateNetworkConfig&) {
  return std::make_unique<sim::PrivateLinks>(per_worker(run, build_links), numbers(run),
                                             static_cast<size_t>(run.worker_count()));
}

std::unique_ptr<sim::Network> build(const RunConfig& run, const RingNetworkConfig&) {
  return std::make_unique<sim::RingAllReduce>(per_worker(run, build_links), static_cast<size_t>(run.worker_count()),
                                              numbers(run));
}

std::unique_ptr<sim::Network> build(const RunConfig& run, const AllGatherNetworkConfig&) {
  return std::make_unique<sim::AllGather>(per_worker(run, build_links), static_cast<size_t>(run.worker_count()),
                                          numbers(run));
}

std::unique_ptr<sim::Network> build(const RunConfig& run, const SharedNetworkConfig& c) {
  std::vector<sim::SharedLink> servers;
  const auto add_servers = [&](const auto& config, int64_t count) {
    const sim::SharedLink link{.name = "server",
                               .up = build_capacity(config.ingress),
                               .down = build_capacity(config.egress),
                               .half_duplex = config.half_duplex,
                               .sharing = c.sharing};
    servers.insert(servers.end(), static_cast<size_t>(count), link);
  };
  if (c.servers.empty()) add_servers(c, 1);
  for (const sim::ShardServersConfig& group : c.servers) add_servers(group, group.count);
  std::vector<sim::SharedLink> regions;
  for (const RegionConfig& region : c.regions)
    regions.push_back({.name = "region " + region.name,
                       .up = build_capacity(region.up),
                       .down = build_capacity(region.down),
                       .half_duplex = region.half_duplex,
                       .sharing = region.sharing});
  auto workers = per_worker(run, [&](const WorkerConfig& worker) {
    const auto home = std::find_if(c.regions.begin(), c.regions.end(),
                                   [&](const RegionConfig& region) { return worker.region == region.name; });
    const int region = home == c.regions.end() ? -1 : static_cast<int>(home - c.regions.begin());
    return sim::WorkerAccess{.link = build_links(worker),
                             .region = run.region_servers ? sim::WorkerAccess::kWithin : region};
  });
  const auto network = [&](sim::PerWorker<sim::WorkerAccess> nodes, size_t count,
                           sim::MessageNumbers numbers) -> std::unique_ptr<sim::Network> {
    if (!c.servers.empty())
      return std::make_unique<sim::ShardedServers>(servers, regions, std::move(nodes), count, numbers);
    return std::make_unique<sim::SharedLinks>(servers.front(), regions, std::move(nodes), count, numbers);
  };
  const auto count = static_cast<size_t>(run.worker_count());
  if (!run.region_servers) return network(std::move(workers), count, numbers(run));
  // Behind the workers come the regions' servers, whose messages are what crosses the regions' links.
  std::vector<sim::WorkerAccess> kinds = workers.values();
  std::vector<uint32_t> kind_of_node;
  for (size_t w = 0; w < count; ++w)
    kind_of_node.push_back(static_cast<uint32_t>(workers.kind(static_cast<sim::NodeId>(w))));
  for (const InhabitedRegion& region : regions_of(run)) {
    kind_of_node.push_back(static_cast<uint32_t>(kinds.size()));
    kinds.push_back({.link = {}, .region = region.region});
  }
  const size_t nodes = kind_of_node.size();
  return network(sim::PerWorker<sim::WorkerAccess>(std::move(kinds), std::move(kind_of_node)), nodes, {});
}

}  // namespace

sim::SharedCapacity build_capacity(const CapacityConfig& c) {
  sim::SharedCapacity capacity{.bytes_per_second = c.bytes_per_second.value_or(0.0), .trace = {}};
  if (!c.trace) return capacity;
  capacity.trace = sim::read_capacity_trace(*c.trace, c.after);
  return capacity;
}

std::unique_ptr<sim::Network> build_network(const RunConfig& given) {
  const RunConfig run = with_paths_in_links(given);
  const auto built = [](const RunConfig& made) {
    return std::visit([&](const auto& config) { return build(made, config); }, made.network);
  };
  const bool by_size = std::any_of(run.workers.begin(), run.workers.end(), [](const WorkerConfig& worker) {
    return !worker.upload.capacity.rates.empty() || !worker.download.capacity.rates.empty();
  });
  return by_size && !std::holds_alternative<PrivateNetworkConfig>(run.network) ? built(with_constant_rates(run))
                                                                               : built(run);
}

}  // namespace experiments
