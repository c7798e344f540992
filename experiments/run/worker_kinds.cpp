#include "experiments/run/worker_kinds.h"

#include <algorithm>
#include <limits>

#include "experiments/config/experiment_config.h"
#include "experiments/config/regions.h"
#include "experiments/run/build_fragments.h"
#include "experiments/run/build_network.h"
#include "experiments/run/build_workers.h"

namespace experiments {
namespace {

using sim::NodeId;

/// Times single messages on a run's network.
class Postman {
 public:
  /// Where others have no say in a message's time one worker of each kind is enough, however many there are.
  explicit Postman(const RunConfig& run) : run_(run), bytes_(build_bytes(run)), without_server_(without_server(run)) {
    if (without_server_) return;
    for (WorkerConfig& entry : run_.workers) entry.count = 1;
  }

  /// Of the worker's messages, mean over fragments.
  double seconds(const WorkerKind& kind, sim::Direction direction) const {
    const NodeId worker = without_server_ ? kind.first : static_cast<NodeId>(kind.entry);
    NodeId parent = static_cast<NodeId>(run_.worker_count());
    if (run_.region_servers) parent += region_of(regions_of(run_), run_, run_.workers[kind.entry]);
    const bool up = direction == sim::Direction::upload;
    const sim::Route route = up ? sim::Route{worker, parent} : sim::Route{parent, worker};
    const std::unique_ptr<sim::Network> network = build_network(run_);
    double sum = 0;
    for (size_t f = 0; f < bytes_.size(); ++f) {
      const uint64_t bytes = up ? bytes_[f].pseudo_gradient() : bytes_[f].model;
      const auto fixed = network->fixed_duration(route, bytes);
      sum += fixed ? sim::to_seconds(*fixed) : measured(*network, route, static_cast<sim::FragmentId>(f), bytes);
    }
    return sum / static_cast<double>(bytes_.size());
  }

 private:
  static bool without_server(const RunConfig& run) { return sim::without_server(run.network); }

  /// From the start of the run on, or from the end of the message before.
  double measured(sim::Network& network, sim::Route route, sim::FragmentId fragment, uint64_t bytes) const {
    const sim::MessageNumbers numbers{static_cast<int>(bytes_.size())};
    const NodeId parent = std::max(route.from, route.to);
    const bool all = network.gathers() && route.direction() == sim::Direction::upload;
    // At an all-gather's first download there is nothing to gather yet.
    const bool twice = without_server_ && !network.gathers();
    double seconds = std::numeric_limits<double>::quiet_NaN();
    sim::Time now = sim::kTimeZero;
    for (int time = 0; time <= static_cast<int>(twice); ++time) {
      const sim::Time begun = now;
      for (NodeId node = all ? 0 : route.child(); node <= (all ? parent - 1 : route.child()); ++node) {
        const sim::Route own = all ? sim::Route{node, parent} : route;
        network.start({numbers.message(node, fragment), own}, bytes, now);
      }
      for (bool ended = false; !ended;) {
        now = network.next_end();
        const auto done = network.finish(now);
        ended = std::find(done.begin(), done.end(), numbers.message(route.child(), fragment)) != done.end();
      }
      seconds = sim::to_seconds(now - begun);
    }
    return seconds;
  }

  RunConfig run_;
  std::vector<sim::FragmentBytes> bytes_;
  bool without_server_;
};

double quotient(double above, double below) {
  return below > 0 ? above / below : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

std::vector<WorkerKind> kinds_of(const RunConfig& run) {
  std::vector<WorkerKind> kinds;
  NodeId first = 0;
  for (size_t entry = 0; entry < run.workers.size(); ++entry) {
    const int64_t count = run.workers[entry].count;
    const auto last = static_cast<NodeId>(first + count - 1);
    const std::string numbers = count == 1 ? "worker " + std::to_string(first)
                                           : "workers " + std::to_string(first) + "–" + std::to_string(last);
    kinds.push_back({run.workers[entry].name.value_or(numbers), entry, first, count});
    first = last + 1;
  }
  return kinds;
}

std::vector<double> step_seconds(const RunConfig& run) {
  std::vector<double> seconds = known_speeds(run, build_workers(run, 0));
  for (double& value : seconds) value = 1 / value;
  return seconds;
}

std::vector<KindFacts> facts_of(const RunConfig& run) {
  const std::vector<double> steps = step_seconds(run);
  const Postman postman(run);
  std::vector<KindFacts> facts;
  for (const WorkerKind& kind : kinds_of(run)) {
    const auto begin = steps.begin() + kind.first;
    const auto [least, most] = std::minmax_element(begin, begin + kind.count);
    facts.push_back({*least, *most, postman.seconds(kind, sim::Direction::download),
                     postman.seconds(kind, sim::Direction::upload)});
  }
  return facts;
}

KindUse use_of(const RunConfig& run, const sim::ClockLog& log, NodeId first, int64_t count) {
  sim::Transfers received, sent, rounds;
  sim::Distribution staleness;
  double steps = 0, all = 0, waited = 0;
  for (const sim::ArrivalRecord& arrival : log.arrivals) {
    if (arrival.worker < first || arrival.worker >= first + count) continue;
    steps += static_cast<double>(arrival.local_steps);
    rounds.add(arrival.served - (arrival.time - arrival.staleness));
    if (!arrival.dropped) staleness.add(arrival.staleness_updates);
  }
  for (int64_t w = first; w < first + count; ++w) {
    const sim::WorkerUse& use = log.workers[static_cast<size_t>(w)];
    received = {received.count + use.received.count, received.seconds + use.received.seconds};
    sent = {sent.count + use.sent.count, sent.seconds + use.sent.seconds};
    for (const sim::Duration time : {use.compute, use.upload, use.download, use.wait, use.down})
      all += sim::to_seconds(time);
    waited += sim::to_seconds(use.wait);
    // On a ring an upload also waits for the others.
    if (std::holds_alternative<RingNetworkConfig>(run.network) && !run.trains_on())
      waited += sim::to_seconds(use.upload) - use.sent.seconds;
  }
  KindUse use{
      .local_steps = quotient(steps, static_cast<double>(rounds.count)) * static_cast<double>(message_count(run)),
      .round_seconds = rounds.mean(),
      .down = received.mean(),
      .up = sent.mean(),
      .waited = quotient(waited, all),
      .staleness = staleness.mean().value_or(std::numeric_limits<double>::quiet_NaN()),
      .staleness_95 = {}};
  if (staleness.count()) use.staleness_95 = staleness.quantile(0.95);
  return use;
}

}  // namespace experiments
