#include "sim/network/service_queue.h"

#include <cmath>
#include <stdexcept>
#include <vector>

#include "tests/support/catch.h"

using namespace sim;
using namespace std::chrono_literals;

TEST_CASE("a server takes updates one at a time, first come first served") {
  ServiceQueue queue(2s);
  CHECK(queue.serve(kTimeZero + 1s) == kTimeZero + 3s);
  CHECK(queue.serve(kTimeZero + 1s) == kTimeZero + 5s);
  CHECK(queue.serve(kTimeZero + 4s) == kTimeZero + 7s);
  CHECK(queue.free() == kTimeZero + 7s);
  CHECK(queue.serve(kTimeZero + 9s) == kTimeZero + 11s);
  ServiceQueue free_of_charge(0s);
  CHECK(free_of_charge.serve(kTimeZero + 9s) == kTimeZero + 9s);
  CHECK_THROWS_AS(ServiceQueue(-1s), std::invalid_argument);
}

TEST_CASE("with Poisson arrivals and exponential service the mean wait is M/M/1's") {
  // Mean time in the queue: ρ / (μ − λ) (Kleinrock, Queueing Systems, vol. 1, §3.2). The interval: four standard errors
  // of the means of 200 batches, which are long against the queue's relaxation time 1 / (√μ − √λ)².
  const double service = 1.0;
  for (const double load : {0.3, 0.7}) {
    ServiceQueue queue(from_seconds(service), ServiceTimes::exponential, 11);
    const RandomStream arrivals(7, "arrivals");
    constexpr int kBatches = 200, kBatch = 5000;
    std::vector<double> means;
    double now = 0.0;
    for (int b = 0; b < kBatches; ++b) {
      double waits = 0.0;
      for (int i = 0; i < kBatch; ++i) {
        now += -service / load * std::log1p(-arrivals.uniform(static_cast<uint64_t>(b * kBatch + i)));
        const Time arrival = kTimeZero + from_seconds(now);
        waits += std::max(0.0, to_seconds(queue.free()) - to_seconds(arrival));
        queue.serve(arrival);
      }
      means.push_back(waits / kBatch);
    }
    double mean = 0.0, squares = 0.0;
    for (const double m : means) mean += m / kBatches;
    for (const double m : means) squares += (m - mean) * (m - mean);
    const double standard_error = std::sqrt(squares / (kBatches - 1) / kBatches);
    const double expected = load / (1.0 / service - load / service);
    CHECK(standard_error < 0.05 * expected);
    CHECK(std::fabs(mean - expected) < 4.0 * standard_error);
  }
}

TEST_CASE("the n-th arrival's service depends on the seed and n alone") {
  ServiceQueue early(1s, ServiceTimes::exponential, 3), late(1s, ServiceTimes::exponential, 3);
  ServiceQueue other(1s, ServiceTimes::exponential, 4);
  for (int i = 0; i < 20; ++i) {
    const Time a = kTimeZero + 1000s * i, b = a + 77s;
    const Duration service = early.serve(a) - a;
    CHECK(late.serve(b) - b == service);
    CHECK(other.serve(a) - a != service);
  }
}
