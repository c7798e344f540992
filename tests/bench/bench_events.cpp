#include <benchmark/benchmark.h>

#include <cmath>
#include <queue>
#include <vector>

#include "sim/event_queue.h"
#include "sim/radix_queue.h"
#include "sim/random.h"

// The hold model: a fixed number of pending events; each step pops the earliest and pushes it back an exponential time
// later. Peer: std::priority_queue of the same events in the same total order.
namespace {

using namespace sim;

class StandardQueue {
 public:
  void push(const Event& event) { queue_.push({event, insertions_++}); }
  Event pop() {
    const Event first = queue_.top().event;
    queue_.pop();
    return first;
  }

 private:
  struct Entry {
    Event event;
    uint64_t insertion;
    bool operator>(const Entry& other) const {
      return event.time != other.event.time ? event.time > other.event.time : insertion > other.insertion;
    }
  };
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
  uint64_t insertions_ = 0;
};

template <class Queue>
void hold(benchmark::State& state) {
  const RandomStream draw(1, "hold model");
  std::vector<Duration> increments(1 << 16);
  for (size_t i = 0; i < increments.size(); ++i) increments[i] = from_seconds(-std::log1p(-draw.uniform(i)));
  const int64_t pending = state.range(0);
  Queue queue;
  size_t next = 0;
  const auto increment = [&] { return increments[next++ % increments.size()]; };
  for (int64_t i = 0; i < pending; ++i) queue.push({kTimeZero + increment(), static_cast<uint32_t>(i)});
  const auto step = [&] {
    Event event = queue.pop();
    event.time += increment();
    queue.push(event);
  };
  for (int64_t i = 0; i < 2 * pending; ++i) step();  // to the stationary state
  for (auto _ : state) step();
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK_TEMPLATE(hold, EventQueue)->Arg(4)->Arg(64)->Arg(1000)->Arg(10'000)->Arg(100'000)->Arg(1'000'000);
BENCHMARK_TEMPLATE(hold, RadixQueue)->Arg(4)->Arg(64)->Arg(1000)->Arg(10'000)->Arg(100'000)->Arg(1'000'000);
BENCHMARK_TEMPLATE(hold, StandardQueue)->Arg(4)->Arg(64)->Arg(1000)->Arg(10'000)->Arg(100'000)->Arg(1'000'000);

}  // namespace

BENCHMARK_MAIN();
