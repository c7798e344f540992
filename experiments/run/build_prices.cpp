#include "experiments/run/build_prices.h"

#include "experiments/config/inputs.h"
#include "experiments/config/regions.h"
#include "experiments/run/per_entry.h"
#include "experiments/run/region_paths.h"

namespace experiments {
namespace {

/// Of the shared links on a message's way.
struct Toll {
  double up = 0, down = 0;  ///< dollars a GB

  void pay(const CapacityConfig& up_link, const CapacityConfig& down_link, bool half_duplex, double share = 1) {
    const auto price = [](const CapacityConfig& link) { return link.usd_per_gb.value_or(0); };
    up += share * price(up_link);
    down += share * price(half_duplex ? up_link : down_link);
  }
  /// At the server, or at all among which a message is divided.
  void pay(const SharedNetworkConfig& shared) {
    pay(shared.ingress, shared.egress, shared.half_duplex);
    double servers = 0;
    for (const sim::ShardServersConfig& group : shared.servers) servers += static_cast<double>(group.count);
    for (const sim::ShardServersConfig& group : shared.servers)
      pay(group.ingress, group.egress, group.half_duplex, static_cast<double>(group.count) / servers);
  }
};

}  // namespace

std::optional<sim::Prices> build_prices(const RunConfig& given) {
  const RunConfig run = with_paths_in_links(given);
  sim::Prices prices;
  for (const WorkerConfig& worker : run.workers) {
    prices.dollars = prices.dollars || worker.usd_per_hour;
    prices.energy = prices.energy || worker.watts;
  }
  for_each_capacity(
      run, [&](const std::string&, const CapacityConfig& link) { prices.dollars = prices.dollars || link.usd_per_gb; });
  if (!prices.dollars && !prices.energy) return std::nullopt;
  prices.usd_per_second = per_worker(run, [](const WorkerConfig& w) { return w.usd_per_hour.value_or(0) / 3600; });
  prices.watts = per_worker(run, [](const WorkerConfig& w) { return w.watts.value_or(0); });

  // Behind the workers come the regions' servers, whose messages are then what passes shared links.
  const auto* shared = std::get_if<SharedNetworkConfig>(&run.network);
  std::vector<double> up, down;
  const auto add = [&](Toll toll, const RegionConfig* region, bool passes_shared, int64_t nodes) {
    if (passes_shared) toll.pay(*shared);
    if (passes_shared && region) toll.pay(region->up, region->down, region->half_duplex);
    up.insert(up.end(), static_cast<size_t>(nodes), toll.up / 1e9);
    down.insert(down.end(), static_cast<size_t>(nodes), toll.down / 1e9);
  };
  for (const WorkerConfig& worker : run.workers) {
    const RegionConfig* home = nullptr;
    for (size_t r = 0; shared && r < shared->regions.size(); ++r)
      if (worker.region == shared->regions[r].name) home = &shared->regions[r];
    Toll own;
    own.pay(worker.upload.capacity, worker.download.capacity, false);
    add(own, home, shared && !run.region_servers, worker.count);
  }
  if (run.region_servers)
    for (const InhabitedRegion& region : regions_of(run))
      add({}, &shared->regions[static_cast<size_t>(region.region)], true, 1);
  prices.usd_per_byte_up = sim::PerWorker(std::move(up));
  prices.usd_per_byte_down = sim::PerWorker(std::move(down));
  return prices;
}

}  // namespace experiments
