#include "sim/network/ring_all_reduce.h"

#include <stdexcept>

#include "tests/support/catch.h"
#include "tests/support/times.h"
#include "tests/support/transfers.h"

using namespace sim;
using tests::at;
using tests::kDown;
using tests::kUp;
using tests::link;
using tests::route;
using tests::transfer;
using namespace std::chrono_literals;

TEST_CASE("a ring all-reduce takes 2 (n-1)/n · bytes over the slowest link and 2 (n-1) of the largest latency") {
  for (const size_t n : {1, 2, 3, 8, 100}) {
    std::vector<PrivateLink> links(n, link(4e6, 3e6, 1ms, 2ms));
    RingAllReduce ring{PerWorker<PrivateLink>(links), n};
    const auto hops = static_cast<double>(2 * (n - 1));
    const double seconds = hops / static_cast<double>(n) * 12e6 / 3e6 + hops * 3e-3;
    CHECK(ring.duration(12'000'000) == from_seconds(seconds));
    CHECK(ring.wire_bytes(route(0, kUp), 12'000'000) == (24'000'000 * (n - 1) + n - 1) / n);
  }
}

TEST_CASE("the slowest bandwidth and the slowest hop of a ring may lie at different workers") {
  // Hops: 0→1 1+20 ms, 1→2 10+0 ms, 2→0 0+5 ms. Bandwidth: worker 2 receives at 1 MB/s.
  const std::vector<PrivateLink> links{link(9e6, 9e6, 1ms, 5ms), link(0, 0, 10ms, 20ms), link(9e6, 1e6, 0ms, 0ms)};
  CHECK(RingAllReduce(PerWorker<PrivateLink>(links), 3).duration(3'000'000) == 4s + 4 * 21ms);
  CHECK(RingAllReduce(PerWorker<PrivateLink>(std::vector<PrivateLink>{{}}), 5).duration(3'000'000) == 0s);
}

TEST_CASE("uploads of a ring wait for the last one and end together, downloads take no time") {
  RingAllReduce ring{PerWorker<PrivateLink>({link(1e6, 1e6)}), 4};
  for (NodeId w = 3; w >= 0; --w) ring.start(transfer(w, kDown), 1'000'000, at(1s));
  CHECK(ring.next_end() == at(1s));
  REQUIRE(ring.finish(at(1s)).size() == 4);
  for (const NodeId w : {2, 0, 3}) ring.start(transfer(w, kUp), 1'000'000, at(2s));
  CHECK(ring.next_end() == Time::max());
  CHECK_FALSE(ring.fixed_duration(route(0, kUp), 1).has_value());
  CHECK(ring.fixed_duration(route(0, kDown), 1) == 0ns);
  ring.cancel(transfer(3, kUp), at(3s));
  ring.start(transfer(3, kUp), 1'000'000, at(4s));
  ring.start(transfer(1, kUp), 1'000'000, at(7s));
  CHECK(ring.next_end() == at(7s + 1500ms));
  const auto ended = ring.finish(at(8500ms));
  REQUIRE(ended.size() == 4);
  for (NodeId w = 0; w < 4; ++w) CHECK((ended[static_cast<size_t>(w)] == w));
  CHECK(ring.next_end() == Time::max());
}

TEST_CASE("a ring of nobody or over centuries is refused") {
  const PerWorker<PrivateLink> slow({link(1e-3, 0)});
  CHECK_THROWS_AS(RingAllReduce(slow, 0), std::invalid_argument);
  CHECK_THROWS_AS(RingAllReduce(slow, 2).duration(1'000'000'000), std::overflow_error);
}

TEST_CASE("every fragment has its own reduction, and the ring does one after another") {
  RingAllReduce ring{PerWorker<PrivateLink>({link(1e6, 1e6)}), 2, {2}};
  const auto start = [&](NodeId worker, FragmentId fragment, Time now) {
    ring.start(transfer(worker, kUp, fragment, {2}), 1'000'000, now);
  };
  start(0, 0, at(0s));
  start(0, 1, at(0s));
  start(1, 1, at(1s));  // fragment 1 is complete first
  const Time first = at(1s) + ring.duration(1'000'000);
  CHECK(ring.next_end() == first);
  start(1, 0, at(1s));
  const auto ended = ring.finish(first);
  CHECK(std::vector<MessageId>(ended.begin(), ended.end()) == std::vector<MessageId>{1, 3});
  CHECK(ring.next_end() == first + ring.duration(1'000'000));
  const auto then = ring.finish(ring.next_end());
  CHECK(std::vector<MessageId>(then.begin(), then.end()) == std::vector<MessageId>{0, 2});
}

TEST_CASE("a ring takes no link whose bandwidth changes") {
  PrivateLink traced = link(0.0, 0.0);
  traced.download_trace =
      std::make_shared<const CapacityTrace>(std::vector<CapacityTrace::Point>{{at(0s), 4e6}}, TraceEnd::hold);
  CHECK_THROWS_WITH(RingAllReduce(PerWorker<PrivateLink>({traced}), 2),
                    Catch::Matchers::Contains("the link of worker 0 has a trace"));
}
