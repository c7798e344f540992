#include <algorithm>

#include "experiments/config/experiment_config.h"
#include "experiments/config/inputs.h"
#include "experiments/config/json_reader.h"
#include "experiments/config/regions.h"
#include "experiments/config/validate.h"

namespace experiments {
namespace {

using sim::Sharing;
using Mistakes = std::vector<Mistake>;

std::string quoted(Sharing sharing) {
  for (const auto& [value, name] : names_of(Sharing{}))
    if (value == sharing) return text_of(name);
  return {};
}

bool given(const CapacityConfig& c) { return c.bytes_per_second || c.trace || !c.rates.empty() || c.usd_per_gb; }

void validate_rates(const RunConfig& run, const std::string& place, const CapacityConfig& capacity,
                    Mistakes& mistakes) {
  if (capacity.rates.empty()) return;
  if (capacity.bytes_per_second || capacity.trace)
    mistakes.push_back({place, "has rates beside bytes_per_second or a trace; allowed: one of them"});
  if (!place.starts_with("/workers/"))
    mistakes.push_back({place + "/rates",
                        "give each size of message a rate of its own, but messages of several sizes share what passes "
                        "this link at one time; allowed: on a worker's own upload and download"});
  if (const std::string mistake = sim::mistake_in(capacity.rates); !mistake.empty())
    mistakes.push_back({place + "/rates", mistake});
  if (!std::holds_alternative<PrivateNetworkConfig>(run.network) && run.in_fragments())
    mistakes.push_back({place + "/rates",
                        "depend on a message's size, and fragments have several sizes; allowed with a model that "
                        "travels whole, or with network private"});
}

/// A link's two directions, with the keys of their capacities.
void validate_duplex(const CapacityConfig& down, bool half_duplex, const std::string& place, const std::string& up_key,
                     const std::string& down_key, Mistakes& mistakes) {
  if (half_duplex && given(down))
    mistakes.push_back({place + "/" + down_key, std::string(down.usd_per_gb ? "gives a price" : "gives a capacity") +
                                                    " of its own with half_duplex, where " + up_key +
                                                    " holds for both directions; allowed: leave it out"});
}

void validate_sharing(const RunConfig& run, const SharedNetworkConfig& shared, Mistakes& mistakes) {
  const bool in_parts = !shared.servers.empty();
  bool weighted = shared.sharing == Sharing::rtt_weighted;
  const auto parts = [&](Sharing sharing, const std::string& place) {
    if (in_parts && sharing == Sharing::fifo)
      mistakes.push_back({place,
                          "is \"fifo\", but with servers each message is in parts that flow together; allowed there: "
                          "fair, rtt-weighted"});
  };
  parts(shared.sharing, "/network/sharing");
  for (size_t i = 0; i < shared.regions.size(); ++i) {
    const Sharing sharing = shared.regions[i].sharing;
    const std::string place = "/network/regions/" + std::to_string(i) + "/sharing";
    parts(sharing, place);
    weighted = weighted || sharing == Sharing::rtt_weighted;
    if (sharing == Sharing::fifo && shared.sharing == Sharing::fifo && !in_parts)
      mistakes.push_back({place, "is \"fifo\" as the server's link is; allowed: one of the two on a message's way"});
    // What serves one after another has nobody to share with. Against the first that shares, the server's or a
    // region's.
    const auto first = std::find_if(shared.regions.begin(), shared.regions.begin() + static_cast<std::ptrdiff_t>(i),
                                    [](const RegionConfig& r) { return r.sharing != Sharing::fifo; });
    const Sharing other = shared.sharing != Sharing::fifo ? shared.sharing : first->sharing;
    if (sharing != Sharing::fifo && other != Sharing::fifo && sharing != other)
      mistakes.push_back({place, "is " + quoted(sharing) + " beside " + quoted(other) +
                                     ", but a message has one weight on its whole way; allowed: the same, or fifo"});
  }
  if (!weighted) return;
  if (run.region_servers)
    mistakes.push_back({"/region_servers",
                        "have no latency of their own, which shares by round-trip time need; allowed "
                        "with a network's sharing fair or fifo"});
  for (size_t i = 0; i < run.workers.size(); ++i)
    if (run.workers[i].download.latency_seconds + run.workers[i].upload.latency_seconds < 1e-9)
      mistakes.push_back({"/workers/" + std::to_string(i),
                          "has no latency, so its share by round-trip time would be infinite; allowed with "
                          "rtt-weighted: download and upload latency_seconds of together 1e-09 s or more"});
}

void validate_shared(const RunConfig& run, const SharedNetworkConfig& shared, Mistakes& mistakes) {
  validate_duplex(shared.egress, shared.half_duplex, "/network", "ingress", "egress", mistakes);
  std::vector<std::string_view> names;
  for (size_t i = 0; i < shared.regions.size(); ++i) {
    const RegionConfig& region = shared.regions[i];
    const std::string place = "/network/regions/" + std::to_string(i);
    validate_duplex(region.down, region.half_duplex, place, "up", "down", mistakes);
    if (std::find(names.begin(), names.end(), region.name) != names.end())
      mistakes.push_back({place + "/name", "is " + text_of(region.name) + ", which names another region already"});
    names.push_back(region.name);
  }
  for (size_t i = 0; i < shared.servers.size(); ++i)
    validate_duplex(shared.servers[i].egress, shared.servers[i].half_duplex, "/network/servers/" + std::to_string(i),
                    "ingress", "egress", mistakes);
  if (!shared.servers.empty() && (given(shared.ingress) || given(shared.egress) || shared.half_duplex))
    mistakes.push_back({"/network/servers",
                        "stand beside ingress, egress or half_duplex of one server; allowed: each "
                        "server's own alone"});
  validate_sharing(run, shared, mistakes);
}

/// Every way that a message takes has to be there once.
void validate_paths(const RunConfig& run, const sim::RegionPathsConfig& c, Mistakes& mistakes) {
  const auto* const gives_server = std::visit(
      [](const auto& network) -> const std::optional<std::string>* {
        if constexpr (requires { network.server_region; }) return &network.server_region;
        return nullptr;
      },
      run.network);
  if (gives_server && gives_server->has_value() == c.paths.empty())
    mistakes.push_back({"/network/server_region", c.paths.empty()
                                                      ? "is given without paths; allowed: both or neither"
                                                      : "is null beside paths; allowed: a region of theirs"});
  for (size_t i = 0; i < c.paths.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (c.paths[i].from == c.paths[j].from && c.paths[i].to == c.paths[j].to)
        mistakes.push_back(
            {"/network/paths/" + std::to_string(i), "is given by /network/paths/" + std::to_string(j) + " already"});
  if (c.paths.empty() || !mistakes.empty()) return;
  for (size_t i = 0; i < run.workers.size(); ++i) {
    const WorkerConfig& worker = run.workers[i];
    const std::string place = "/workers/" + std::to_string(i);
    const WorkerConfig& next = run.workers[(i + 1) % run.workers.size()];
    const std::string to = gives_server ? **gives_server : next.region.value_or("");
    if (!worker.region)
      mistakes.push_back({place + "/region", "is null beside paths between regions; allowed: a region of theirs"});
    else if (!to.empty() && to != *worker.region && !path_between(c, *worker.region, to))
      mistakes.push_back({"/network/paths", "have no way from " + text_of(*worker.region) + " to " + text_of(to) +
                                                ", which " + place + " needs; allowed: an item from and to these"});
    const auto varies = [](const CapacityConfig& c) { return c.trace || !c.rates.empty(); };
    if (varies(worker.upload.capacity) || varies(worker.download.capacity))
      mistakes.push_back(
          {place, "has a link with a trace or rates beside paths between regions; allowed: one of the two"});
  }
}

void validate_regions(const RunConfig& run, const SharedNetworkConfig* shared, Mistakes& mistakes) {
  std::vector<std::string_view> names;
  if (shared)
    for (const RegionConfig& region : shared->regions) names.push_back(region.name);
  const sim::RegionPathsConfig* const paths = paths_of(run.network);
  if (paths) validate_paths(run, *paths, mistakes);
  for (size_t i = 0; paths && i < paths->paths.size(); ++i)
    for (const std::string* const end : {&paths->paths[i].from, &paths->paths[i].to})
      if (std::find(names.begin(), names.end(), *end) == names.end()) names.push_back(*end);
  for (size_t i = 0; i < run.workers.size(); ++i) {
    const auto& region = run.workers[i].region;
    if (!region || std::find(names.begin(), names.end(), *region) != names.end()) continue;
    const std::string place = "/workers/" + std::to_string(i) + "/region";
    if (!names.empty() || shared)
      mistakes.push_back({place, unknown_value(*region, "regions", names)});
    else
      mistakes.push_back(
          {place, "is " + text_of(*region) + ", but only a network of kind shared, or one with paths, has regions"});
  }
  if (!run.region_servers) return;
  if (!shared || shared->regions.empty())
    mistakes.push_back({"/region_servers",
                        "needs regions to put servers in; allowed: with a network of kind shared that has regions"});
  else
    for (size_t i = 0; i < run.workers.size(); ++i)
      if (!run.workers[i].region)
        mistakes.push_back({"/workers/" + std::to_string(i) + "/region",
                            "is null, but every worker has a region's server; allowed: a name of one of the regions"});
}

void validate_without_server(const RunConfig& run, Mistakes& mistakes) {
  const std::string is = "is " + text_of(std::visit([](const auto& c) { return std::string(c.kind); }, run.network));
  const bool someone_leaves =
      run.availability_trace || std::any_of(run.workers.begin(), run.workers.end(), [](const WorkerConfig& worker) {
        return !std::holds_alternative<AlwaysUp>(worker.availability);
      });
  if (!std::holds_alternative<BarrierConfig>(run.policy))
    mistakes.push_back(
        {"/network/kind", is + ", which needs every worker in every round; allowed: with policy barrier only"});
  if (someone_leaves)
    mistakes.push_back({"/network/kind", is + ", which breaks when a worker leaves; allowed: with workers that are "
                                              "always available"});
}

void validate_ring(const RunConfig& run, Mistakes& mistakes) {
  if (run.payload.top_k)
    mistakes.push_back({"/payload/top_k",
                        "chooses each worker's own coordinates, and a sum passed along a ring fills "
                        "up; allowed with a ring: null (networks for it: private, shared, "
                        "all-gather)"});
  for_each_capacity(run, [&](const std::string& place, const CapacityConfig& capacity) {
    if (capacity.trace)
      mistakes.push_back({place + "/trace",
                          "changes a bandwidth, but a ring counts the slowest one, a constant, in every step; allowed "
                          "with networks private, shared, all-gather"});
  });
}

}  // namespace

void validate_network(const RunConfig& run, std::vector<Mistake>& mistakes) {
  const auto* shared = std::get_if<SharedNetworkConfig>(&run.network);
  bool traced = false;
  for_each_capacity(run, [&](const std::string& place, const CapacityConfig& capacity) {
    traced = traced || capacity.trace;
    validate_rates(run, place, capacity, mistakes);
    if (capacity.trace && capacity.bytes_per_second)
      mistakes.push_back(
          {place, "has both bytes_per_second and a trace; allowed: one of them, or neither for unlimited"});
  });
  if (shared) validate_shared(run, *shared, mistakes);
  validate_regions(run, shared, mistakes);
  if (sim::without_server(run.network)) validate_without_server(run, mistakes);
  if (std::holds_alternative<RingNetworkConfig>(run.network)) validate_ring(run, mistakes);
  const auto* window = std::get_if<GraceWindowConfig>(&run.policy);
  const bool timed = std::holds_alternative<sim::TimedStepsConfig>(run.local_steps);
  if (window && window->mode == sim::GraceMode::lookahead &&
      (shared || traced || run.server.seconds_per_update > 0.0 || timed))
    mistakes.push_back({"/policy/mode",
                        "is \"lookahead\", which needs arrivals known in advance; on shared links, on links with a "
                        "trace, with a server that takes time and with timed rounds they are not; allowed: wait"});
}

}  // namespace experiments
