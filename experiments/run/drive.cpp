#include "experiments/run/drive.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

namespace experiments {

void drive(size_t count, size_t drivers, const std::function<void(size_t)>& job,
           const std::function<void()>& on_failure) {
  std::exception_ptr first;
  std::atomic<size_t> next{0};
  std::atomic<bool> failed{false};
  const auto work = [&] {
    for (size_t j = next++; j < count && !failed; j = next++) {
      try {
        job(j);
      } catch (...) {
        if (failed.exchange(true)) return;  // only a consequence of the first
        first = std::current_exception();
        if (on_failure) on_failure();
      }
    }
  };
  std::vector<std::thread> threads;
  for (size_t i = 0; i < std::min(count, drivers); ++i) {
    try {
      threads.emplace_back(work);
    } catch (const std::system_error&) {  // the system allows no more: those there are do it all
      if (threads.empty()) throw;
      break;
    }
  }
  for (std::thread& thread : threads) thread.join();
  if (first) std::rethrow_exception(first);
}

}  // namespace experiments
