#include <atomic>
#include <stdexcept>

#include "experiments/run/thread_pool.h"
#include "tests/support/catch.h"

using experiments::ThreadPool;
using namespace std::chrono_literals;

TEST_CASE("a pool runs queued tasks in order of their due time, ties in order of submission", "[threads]") {
  std::vector<int> order;
  {
    std::atomic<bool> go{false};
    ThreadPool pool(1);
    pool.submit(sim::Time{0s}, [&] {
      while (!go) std::this_thread::yield();
    });
    for (const int due : {5, 3, 9, 3, 1})
      pool.submit(sim::Time{std::chrono::seconds(due)}, [&order, due] { order.push_back(due); });
    pool.submit(sim::Time{3s}, [&order] { order.push_back(33); });
    go = true;
  }
  CHECK((order == std::vector<int>{1, 3, 3, 33, 5, 9}));
}

TEST_CASE("waiting for a task rethrows what it threw, and the pool goes on", "[threads]") {
  ThreadPool pool(2);
  const auto bad = pool.submit(sim::kTimeZero, [] { throw std::runtime_error("broken"); });
  CHECK_THROWS_WITH(bad.wait(), "broken");
  int value = 0;
  pool.submit(sim::kTimeZero, [&] { value = 7; }).wait();
  CHECK(value == 7);
}

TEST_CASE("a pool runs everything that was submitted before it ends", "[threads]") {
  std::atomic<int> count{0};
  {
    ThreadPool pool(4);
    for (int i = 0; i < 1000; ++i) pool.submit(sim::kTimeZero, [&] { ++count; });
  }
  CHECK(count == 1000);
}
