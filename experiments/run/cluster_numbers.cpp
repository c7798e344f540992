#include "experiments/run/cluster_numbers.h"

#include <algorithm>
#include <numeric>

#include "experiments/config/experiment_config.h"
#include "experiments/config/regions.h"
#include "experiments/run/build_fragments.h"
#include "experiments/run/build_network.h"
#include "experiments/run/region_paths.h"
#include "experiments/run/worker_kinds.h"

namespace experiments {
namespace {

std::optional<double> quotient(double above, double below) {
  return below > 0 ? std::optional(above / below) : std::nullopt;
}

/// Finds the link that would be the busiest if all workers computed all the time.
class LinkLoads {
 public:
  LinkLoads(const RunConfig& run, const sim::ClockLog& log) : run_(with_paths_in_links(run)), kinds_(kinds_of(run)) {
    const std::unique_ptr<sim::Network> network = build_network(run);
    const std::vector<sim::FragmentBytes> bytes = build_bytes(run);
    message_ = static_cast<double>(bytes.front().pseudo_gradient());
    const auto server = static_cast<sim::NodeId>(run.worker_count());
    for (const WorkerKind& kind : kinds_) {
      double computed = 0, up = 0, down = 0;
      for (int64_t w = kind.first; w < kind.first + kind.count; ++w) {
        const sim::WorkerUse& use = log.workers[static_cast<size_t>(w)];
        computed += sim::to_seconds(use.compute);
        up += static_cast<double>(use.sent.count);
        down += static_cast<double>(use.received.count);
      }
      double up_bytes = 0, down_bytes = 0;
      for (const sim::FragmentBytes& b : bytes) {
        up_bytes += static_cast<double>(network->wire_bytes({kind.first, server}, b.pseudo_gradient()));
        down_bytes += static_cast<double>(network->wire_bytes({server, kind.first}, b.model));
      }
      const auto each = static_cast<double>(bytes.size()) * computed;
      up_.push_back(quotient(up * up_bytes, each).value_or(0));
      down_.push_back(quotient(down * down_bytes, each).value_or(0));
    }
  }

  /// Links from traces are left out.
  void tell(ClusterNumbers& numbers) const {
    for (size_t k = 0; k < kinds_.size(); ++k) {
      const WorkerConfig& entry = run_.workers[kinds_[k].entry];
      add("upload of " + kinds_[k].label, entry.upload.capacity, up_[k], numbers);
      // A ring's message goes on by one worker's upload and comes in by the next one's download.
      const bool ring = std::holds_alternative<RingNetworkConfig>(run_.network);
      add("download of " + kinds_[k].label, entry.download.capacity, ring ? up_[k] : down_[k], numbers);
    }
    const auto* shared = std::get_if<SharedNetworkConfig>(&run_.network);
    if (!shared || run_.region_servers) return;  // theirs carry what servers send each other
    for (const RegionConfig& region : shared->regions)
      add_both(
          "region " + region.name + "'s ", "up", "down", region.up, region.down, region.half_duplex, 1,
          [&](const WorkerConfig& worker) { return worker.region == region.name; }, numbers);
    const auto everyone = [](const WorkerConfig&) { return true; };
    int64_t servers = 0;
    for (const sim::ShardServersConfig& group : shared->servers) servers += group.count;
    for (const sim::ShardServersConfig& group : shared->servers)
      add_both("a server's ", "ingress", "egress", group.ingress, group.egress, group.half_duplex, servers, everyone,
               numbers);
    add_both("the server's ", "ingress", "egress", shared->ingress, shared->egress, shared->half_duplex, 1, everyone,
             numbers);
  }

 private:
  void add(const std::string& name, const CapacityConfig& capacity, double rate, ClusterNumbers& numbers) const {
    const auto can = capacity.rate(message_);
    if (!can) return;
    const double load = rate / *can;
    if (numbers.rho_b && *numbers.rho_b >= load) return;
    numbers.rho_b = load;
    numbers.busiest = name;
  }
  template <class Passes>
  void add_both(const std::string& whose, const char* up_name, const char* down_name, const CapacityConfig& up,
                const CapacityConfig& down, bool half_duplex, int64_t parts, Passes passes,
                ClusterNumbers& numbers) const {
    double up_rate = 0, down_rate = 0;
    for (size_t k = 0; k < kinds_.size(); ++k) {
      if (!passes(run_.workers[kinds_[k].entry])) continue;
      up_rate += static_cast<double>(kinds_[k].count) * up_[k] / static_cast<double>(parts);
      down_rate += static_cast<double>(kinds_[k].count) * down_[k] / static_cast<double>(parts);
    }
    add(whose + up_name, up, half_duplex ? up_rate + down_rate : up_rate, numbers);
    if (!half_duplex) add(whose + down_name, down, down_rate, numbers);
  }

  RunConfig run_;
  std::vector<WorkerKind> kinds_;
  double message_ = 1;             // bytes, for rates by size
  std::vector<double> up_, down_;  // by kind: bytes a second of computing, of one worker
};

/// Workers whose rounds begin and end together.
double participants(const RunConfig& run) {
  if (!std::holds_alternative<BarrierConfig>(run.policy) && !std::holds_alternative<QuorumConfig>(run.policy)) return 1;
  const auto servers = static_cast<double>(run.region_servers ? regions_of(run).size() : 1);
  return static_cast<double>(run.worker_count()) / servers;
}

}  // namespace

ClusterNumbers cluster_numbers(const RunConfig& run, const sim::ClockLog& log) {
  ClusterNumbers numbers;
  const double computed = log.activity_seconds[static_cast<size_t>(sim::Activity::compute)];
  const double rounds = static_cast<double>(log.sent.count) / static_cast<double>(message_count(run));
  numbers.rho_c = quotient(log.received.seconds + log.sent.seconds, computed);

  const std::vector<double> steps = step_seconds(run);
  const double slowest = *std::max_element(steps.begin(), steps.end()), count = static_cast<double>(steps.size());
  const double mean = std::accumulate(steps.begin(), steps.end(), 0.0) / count;
  numbers.rho_s = slowest / mean;
  double speeds = 0;
  for (const double seconds : steps) speeds += 1 / seconds;
  numbers.asynchronous = slowest * speeds / count;

  numbers.rho_f = quotient(static_cast<double>(log.interruptions) * participants(run), rounds);
  if (run.overlap && !(run.fragments && run.fragments->by_layer) && rounds > 0) {
    const double window = run.overlap->steps ? static_cast<double>(*run.overlap->steps) * mean : computed / rounds;
    numbers.rho_o = quotient(window, log.received.mean() + log.sent.mean());
  }
  if (!log.workers.empty()) LinkLoads(run, log).tell(numbers);
  numbers.workers = run.worker_count();
  numbers.staleness = log.staleness_updates.mean();
  if (numbers.staleness) numbers.staleness_95 = log.staleness_updates.quantile(0.95);
  numbers.bytes_per_token =
      quotient(static_cast<double>(log.final.bytes_up) + static_cast<double>(log.final.bytes_down),
               static_cast<double>(log.final.tokens));
  auto applied = static_cast<double>(log.final.local_steps);
  if (!log.workers.empty()) {  // without those that were dropped for their staleness
    applied = 0;
    for (const sim::WorkerUse& use : log.workers) applied += static_cast<double>(use.local_steps);
  }
  const auto lost = static_cast<double>(log.dropped_steps + log.crashed_steps);
  numbers.lost_work = quotient(lost, applied + lost);
  return numbers;
}

}  // namespace experiments
