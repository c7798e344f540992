// Worker iterations a second of a parameter server: download, compute, upload, at once again. Nothing but the event
// queue and the network. Processor time; figures: docs/performance.md.
#include <benchmark/benchmark.h>

#include <memory>

#include "sim/event_queue.h"
#include "sim/network/private_links.h"
#include "sim/network/shared_links.h"
#include "sim/random.h"

namespace {

using namespace sim;

constexpr uint64_t kBytes = 4'000'000;
constexpr Duration kLatency = std::chrono::milliseconds(5);  // each way

/// Runs `iterations` uploads of immediate asynchronous rounds, 1 s of computation ± 20 %, after one round to warm up.
class ParameterServer {
 public:
  ParameterServer(std::unique_ptr<Network> network, size_t workers) : network_(std::move(network)) {
    for (size_t w = 0; w < workers; ++w)
      compute_.push_back(from_seconds(0.8 + 0.4 * RandomStream(1, "compute", w).uniform(0)));
    down_.assign(workers, true);
    for (size_t w = 0; w < workers; ++w) start(static_cast<NodeId>(w), Direction::download);
    run(workers);
  }
  void run(size_t iterations) {
    for (size_t done = 0; done < iterations;) {
      const Time end = network_->next_end();
      if (network_->soon() >= 0) __builtin_prefetch(&compute_[static_cast<size_t>(network_->soon())]);
      if (!events_.empty() && events_.next_time() < end) {
        const Event event = events_.pop();
        now_ = event.time;
        if (const int64_t soon = events_.soon(); soon >= 0) network_->expect(static_cast<NodeId>(soon));
        start(static_cast<NodeId>(event.entity), Direction::upload);
        continue;
      }
      now_ = end;
      const auto ended = network_->finish(now_);
      for (const MessageId t : ended) {
        if (down_[static_cast<size_t>(t)]) {
          events_.push({now_ + compute_[static_cast<size_t>(t)], static_cast<uint32_t>(t), 0, 0});
        } else {
          start(t, Direction::download);
          ++done;
        }
      }
    }
  }

 private:
  void start(NodeId worker, Direction direction) {
    const NodeId server = static_cast<NodeId>(down_.size());
    down_[static_cast<size_t>(worker)] = direction == Direction::download;
    const Route route = direction == Direction::download ? Route{server, worker} : Route{worker, server};
    network_->start({worker, route}, kBytes, now_);
  }
  std::unique_ptr<Network> network_;
  std::vector<char> down_;  // whether a worker's message goes to it
  std::vector<Duration> compute_;
  EventQueue events_;
  Time now_{};
};

void measure(benchmark::State& state, std::unique_ptr<Network> network) {
  const auto workers = static_cast<size_t>(state.range(0));
  ParameterServer server(std::move(network), workers);
  const size_t batch = std::max<size_t>(workers, 10'000);
  for (auto _ : state) server.run(batch);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(batch));
}

/// 8 MB/s, so a transfer alone takes 0.5 s and the latency.
PrivateLink link(Duration latency) {
  const LinkSpec one{.latency = latency, .bytes_per_second = 8e6};
  return {.download = one, .upload = one};
}

void uncontended(benchmark::State& state) {
  measure(state, std::make_unique<PrivateLinks>(PerWorker<PrivateLink>({link(kLatency)})));
}

/// The server can serve `share` of what its workers' links could carry if all sent at once.
std::unique_ptr<Network> shared(size_t workers, double share, std::vector<double> speeds, Duration latency = kLatency) {
  std::vector<WorkerAccess> kinds;
  std::vector<uint32_t> kind_of_worker;
  for (const double speed : speeds) {
    WorkerAccess access{.link = link(latency)};
    access.link.download.bytes_per_second *= speed;
    access.link.upload.bytes_per_second *= speed;
    kinds.push_back(access);
  }
  for (size_t w = 0; w < workers; ++w) kind_of_worker.push_back(static_cast<uint32_t>(w % kinds.size()));
  const double capacity = share * 8e6 * static_cast<double>(workers);
  const SharedLink server{.name = "server",
                          .up = {.bytes_per_second = capacity, .trace = {}},
                          .down = {.bytes_per_second = capacity, .trace = {}}};
  return std::make_unique<SharedLinks>(server, std::vector<SharedLink>{},
                                       PerWorker<WorkerAccess>(kinds, kind_of_worker), workers);
}

void contended(benchmark::State& state) {
  const auto workers = static_cast<size_t>(state.range(0));
  measure(state, shared(workers, 0.1, {1.0}));
}
/// Three events an iteration instead of five: no ends of latencies.
void contended_no_latency(benchmark::State& state) {
  const auto workers = static_cast<size_t>(state.range(0));
  measure(state, shared(workers, 0.1, {1.0}, Duration::zero()));
}
void contended_four_kinds(benchmark::State& state) {
  const auto workers = static_cast<size_t>(state.range(0));
  measure(state, shared(workers, 0.2, {0.5, 1.0, 2.0, 4.0}));
}
/// Every worker's link is of another speed, and the fair level moves among them.
void contended_all_different(benchmark::State& state) {
  const auto workers = static_cast<size_t>(state.range(0));
  std::vector<double> speeds;
  for (size_t w = 0; w < workers; ++w) speeds.push_back(0.25 + 4.0 * RandomStream(1, "link", w).uniform(0));
  measure(state, shared(workers, 0.5, speeds));
}

BENCHMARK(uncontended)->Arg(64)->Arg(1000)->Arg(1'000'000);
BENCHMARK(contended)->Arg(64)->Arg(1000)->Arg(1'000'000);
BENCHMARK(contended_no_latency)->Arg(64)->Arg(1000)->Arg(1'000'000);
BENCHMARK(contended_four_kinds)->Arg(64)->Arg(1000)->Arg(1'000'000);
BENCHMARK(contended_all_different)->Arg(64)->Arg(1000)->Arg(1'000'000);

}  // namespace

BENCHMARK_MAIN();
