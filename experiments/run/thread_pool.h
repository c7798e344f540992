#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#include "sim/units.h"

namespace experiments {

/// Runs tasks on a fixed number of threads, earliest simulated completion first. Which thread runs a task, and when,
/// must never matter to its result.
class ThreadPool {
 public:
  /// A submitted task. wait() returns once it has run and rethrows what it threw. A null ticket counts as run.
  class Ticket {
   public:
    void wait() const;
    /// The same, but false if it has not run after so long.
    bool wait_for(std::chrono::milliseconds) const;
    bool done() const;

   private:
    friend class ThreadPool;
    struct State;
    std::shared_ptr<State> state_;
  };

  /// Fewer threads than asked for where the system allows no more; throws std::system_error where it allows none.
  explicit ThreadPool(int threads);
  /// Runs what is still queued, then stops.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// Tasks with an earlier `due` start first; ties in order of submission. A task must not wait for another task.
  Ticket submit(sim::Time due, std::function<void()> task);
  /// Asks all tasks, running and to come, to end early. For good.
  void cancel() { cancelled_ = true; }
  bool cancelled() const { return cancelled_; }
  int threads() const { return static_cast<int>(threads_.size()); }

 private:
  struct Queued {
    sim::Time due;
    uint64_t order;
    std::function<void()> task;
    std::shared_ptr<Ticket::State> state;
  };
  static bool later(const Queued& a, const Queued& b);
  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Queued> queue_;  // a heap under later()
  uint64_t submitted_ = 0;
  bool stopping_ = false;
  std::atomic<bool> cancelled_{false};
  std::vector<std::thread> threads_;
};

/// Threads to use when the user gives none: the processors this process may run on.
int default_threads();

}  // namespace experiments
