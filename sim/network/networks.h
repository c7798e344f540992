#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/network/rates.h"
#include "sim/network/sharing.h"
#include "sim/trace_file.h"

namespace sim {

/// One direction of a link; without any, unlimited.
struct CapacityConfig {
  std::optional<double> bytes_per_second;
  std::vector<RatePoint> rates;      ///< of a worker's own link
  std::optional<std::string> trace;  ///< a CSV file
  TraceEnd after = TraceEnd::hold;
  std::optional<double> usd_per_gb;

  /// Of a message of that size; none: unlimited, or from a trace.
  std::optional<double> rate(double bytes) const {
    return rates.empty() ? bytes_per_second : std::optional(rate_at(rates, bytes));
  }
};
template <class V>
void fields(V& v, CapacityConfig& c) {
  v.field("bytes_per_second", c.bytes_per_second, V::above(0), "B/s",
          "Constant capacity; null, without rates or a trace: unlimited");
  v.field("rates", c.rates, V::any(), "",
          "Of a worker's own link instead: the rate of a message by its size, sizes rising; log rate is linear in log "
          "size between them and holds outside");
  v.field("trace", c.trace, V::not_empty(), "path",
          "Capacity over time instead, relative to this file: CSV lines \"time,bytes_per_second\", seconds from 0 "
          "rising, each holding until the next");
  v.field(
      "after", c.after, V::any(), "",
      "Past the trace's last line: its value holds, or all repeats from there (the last line then equals the first)");
  v.field("usd_per_gb", c.usd_per_gb, V::at_least(0), "$/GB",
          "Price of what passes it, for 10^9 bytes; null: no price is known");
}

/// One direction of a worker's own link.
struct LinkConfig {
  double latency_seconds = 0.0;
  CapacityConfig capacity;
};
template <class V>
void fields(V& v, LinkConfig& c) {
  v.field("latency_seconds", c.latency_seconds, V::between(0, 1e6), "s", "Delay of a transfer, whatever its size");
  fields(v, c.capacity);
}

/// The way between two regions, or within one; the way back too, unless that is given as well.
struct RegionPathConfig {
  std::string from, to;
  double latency_seconds = 0.0;
  std::optional<double> bytes_per_second, usd_per_gb;
};
template <class V>
void fields(V& v, RegionPathConfig& c) {
  v.field("from", c.from, V::not_empty().needed(), "", "A region, which workers name as theirs");
  v.field("to", c.to, V::not_empty().needed(), "", "Another, or the same: the way within it");
  v.field("latency_seconds", c.latency_seconds, V::between(0, 1e6), "s", "Of the way, which each worker's own adds to");
  v.field("bytes_per_second", c.bytes_per_second, V::above(0), "B/s",
          "What the way gives each worker, whoever else uses it; its own link may give less. null: unlimited");
  v.field("usd_per_gb", c.usd_per_gb, V::at_least(0), "$/GB", "What 10⁹ bytes on it cost, besides those on links");
}

/// Ways between regions: a matrix, a row for each pair.
struct RegionPathsConfig {
  std::vector<RegionPathConfig> paths;
  bool round_trip = false;
};
template <class V>
void fields(V& v, RegionPathsConfig& c) {
  v.field("paths", c.paths, V::any(), "",
          "Ways between regions, as a matrix has them; a missing way back is as the way there, a missing way within a "
          "region costs nothing. Empty: workers' own links are all there is");
  v.field("round_trip", c.round_trip, V::any(), "", "The paths' latencies are there and back: each way has half");
}
/// With a place for what all workers talk to.
struct ServerPathsConfig : RegionPathsConfig {
  std::optional<std::string> server_region;
};
template <class V>
void fields(V& v, ServerPathsConfig& c) {
  fields(v, static_cast<RegionPathsConfig&>(c));
  v.field("server_region", c.server_region, V::not_empty(), "",
          "With paths: where the server stands, or an all-gather's relay");
}

struct PrivateNetworkConfig : ServerPathsConfig {
  static constexpr std::string_view kind = "private";
};

struct RegionConfig {
  std::string name;
  CapacityConfig up, down;
  bool half_duplex = false;
  Sharing sharing = Sharing::fair;
};
template <class V>
void fields(V& v, RegionConfig& c) {
  v.field("name", c.name, V::not_empty().needed(), "", "What workers name as their region");
  v.field("up", c.up, V::any(), "", "What all uploads of the region share");
  v.field("down", c.down, V::any(), "", "What all its downloads share");
  v.field("half_duplex", c.half_duplex, V::any(), "",
          "Both directions share the capacity of up; down is then left out");
  v.field("sharing", c.sharing, V::any(), "", "As the server's link, for the region's");
}

/// Servers that are alike, each with a link of its own.
struct ShardServersConfig {
  int64_t count = 1;
  CapacityConfig ingress, egress;
  bool half_duplex = false;
};
template <class V>
void fields(V& v, ShardServersConfig& c) {
  v.field("count", c.count, V::between(1, 10'000), "servers", "How many such servers");
  v.field("ingress", c.ingress, V::any(), "", "What all uploads to one of them share");
  v.field("egress", c.egress, V::any(), "", "What all downloads from one of them share");
  v.field("half_duplex", c.half_duplex, V::any(), "",
          "Both directions share the capacity of ingress; egress is then left out");
}

struct SharedNetworkConfig {
  static constexpr std::string_view kind = "shared";
  CapacityConfig ingress, egress;
  bool half_duplex = false;
  Sharing sharing = Sharing::fair;
  std::vector<RegionConfig> regions;
  std::vector<ShardServersConfig> servers;
};
template <class V>
void fields(V& v, SharedNetworkConfig& c) {
  v.field("ingress", c.ingress, V::any(), "", "What all uploads share at the server");
  v.field("egress", c.egress, V::any(), "", "What all downloads share at the server");
  v.field("half_duplex", c.half_duplex, V::any(), "",
          "Both directions share the capacity of ingress; egress is then left out");
  v.field(
      "sharing", c.sharing, V::any(), "",
      "How messages share the server's link: max-min fair; the same with each message weighted by 1 over its worker's "
      "round-trip time, download latency + upload latency; or one after another, first come first served");
  v.field("regions", c.regions, V::any(), "", "Links that groups of workers share, between theirs and the server's");
  v.field(
      "servers", c.servers, V::any(), "",
      "A sharded parameter server: each of these holds an equal part of the model, a message is a part for each, and "
      "ends with its last; ingress, egress and half_duplex are then theirs. Empty: one server");
}

struct RingNetworkConfig : RegionPathsConfig {
  static constexpr std::string_view kind = "ring";
};

struct AllGatherNetworkConfig : ServerPathsConfig {
  static constexpr std::string_view kind = "all-gather";
};

/// Every network there is.
using NetworkConfig =
    std::variant<PrivateNetworkConfig, SharedNetworkConfig, RingNetworkConfig, AllGatherNetworkConfig>;

/// Whether pseudo-gradients travel both ways and every worker applies the update itself.
inline bool without_server(const NetworkConfig& network) {
  return std::holds_alternative<RingNetworkConfig>(network) || std::holds_alternative<AllGatherNetworkConfig>(network);
}

}  // namespace sim
