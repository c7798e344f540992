#include "experiments/run/thread_pool.h"

#include <sched.h>

#include <algorithm>
#include <system_error>

namespace experiments {

struct ThreadPool::Ticket::State {
  std::mutex mutex;
  std::condition_variable finished;
  bool done = false;
  std::exception_ptr error;
};

void ThreadPool::Ticket::wait() const {
  if (!state_) return;
  std::unique_lock lock(state_->mutex);
  state_->finished.wait(lock, [&] { return state_->done; });
  if (state_->error) std::rethrow_exception(state_->error);
}

bool ThreadPool::Ticket::wait_for(std::chrono::milliseconds limit) const {
  if (!state_) return true;
  {
    std::unique_lock lock(state_->mutex);
    if (!state_->finished.wait_for(lock, limit, [&] { return state_->done; })) return false;
  }
  wait();
  return true;
}

bool ThreadPool::Ticket::done() const {
  const std::lock_guard lock(state_->mutex);
  return state_->done;
}

ThreadPool::ThreadPool(int threads) {
  for (int i = 0; i < std::max(1, threads); ++i) {
    try {
      threads_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
      if (threads_.empty()) throw;
      break;
    }
  }
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool ThreadPool::later(const Queued& a, const Queued& b) { return a.due != b.due ? a.due > b.due : a.order > b.order; }

ThreadPool::Ticket ThreadPool::submit(sim::Time due, std::function<void()> task) {
  Ticket ticket;
  ticket.state_ = std::make_shared<Ticket::State>();
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back({due, submitted_++, std::move(task), ticket.state_});
    std::push_heap(queue_.begin(), queue_.end(), later);
  }
  wake_.notify_one();
  return ticket;
}

void ThreadPool::work() {
  for (;;) {
    Queued next;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      std::pop_heap(queue_.begin(), queue_.end(), later);
      next = std::move(queue_.back());
      queue_.pop_back();
    }
    std::exception_ptr error;
    try {
      next.task();
    } catch (...) {
      error = std::current_exception();
    }
    next.task = nullptr;  // frees what the task held before anyone waiting goes on
    {
      const std::lock_guard lock(next.state->mutex);
      next.state->done = true;
      next.state->error = error;
    }
    next.state->finished.notify_all();
  }
}

int default_threads() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace experiments
