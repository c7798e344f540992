#pragma once
#include <algorithm>
#include <string>
#include <type_traits>
#include <vector>

#include "experiments/config/experiment_config.h"

namespace experiments {

/// The ways between regions of a network that can have them; null for others. Network: NetworkConfig, const or not.
template <class Network>
auto* paths_of(Network& network) {
  using Paths = std::conditional_t<std::is_const_v<Network>, const sim::RegionPathsConfig, sim::RegionPathsConfig>;
  return std::visit(
      [](auto& c) -> Paths* {
        if constexpr (std::is_base_of_v<sim::RegionPathsConfig,
                                        std::remove_const_t<std::remove_reference_t<decltype(c)>>>)
          return &c;
        else
          return nullptr;
      },
      network);
}

/// The way from one region to another, or that back where this one is not given; null where neither is.
inline const sim::RegionPathConfig* path_between(const sim::RegionPathsConfig& c, const std::string& from,
                                                 const std::string& to) {
  const sim::RegionPathConfig* back = nullptr;
  for (const sim::RegionPathConfig& path : c.paths) {
    if (path.from == from && path.to == to) return &path;
    if (path.from == to && path.to == from) back = &path;
  }
  return back;
}

/// A region in which workers live, and how many.
struct InhabitedRegion {
  int region = 0;  ///< index into the shared network's regions
  int64_t workers = 0;
};

/// In the network's order, without empty ones: with region_servers each has a server, in this order.
inline std::vector<InhabitedRegion> regions_of(const RunConfig& run) {
  std::vector<InhabitedRegion> inhabited;
  const auto* shared = std::get_if<SharedNetworkConfig>(&run.network);
  for (size_t r = 0; shared && r < shared->regions.size(); ++r) {
    InhabitedRegion region{static_cast<int>(r), 0};
    for (const WorkerConfig& worker : run.workers)
      if (worker.region == shared->regions[r].name) region.workers += worker.count;
    if (region.workers > 0) inhabited.push_back(region);
  }
  return inhabited;
}

/// Index into regions_of() of the region that such a worker lives in. Precondition: it lives in one.
inline int region_of(const std::vector<InhabitedRegion>& regions, const RunConfig& run, const WorkerConfig& worker) {
  const auto& all = std::get<SharedNetworkConfig>(run.network).regions;
  const auto home = std::find_if(regions.begin(), regions.end(), [&](const InhabitedRegion& region) {
    return all[static_cast<size_t>(region.region)].name == worker.region;
  });
  return static_cast<int>(home - regions.begin());
}

}  // namespace experiments
