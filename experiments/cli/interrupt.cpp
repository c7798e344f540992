#include "experiments/cli/interrupt.h"

#include <time.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>

namespace experiments {
namespace {

// A signal handler can reach nothing but globals, and other threads read these.
std::atomic<bool> noted{false};
std::atomic<int64_t> noted_at{0};  // seconds of the monotonic clock
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int64_t>::is_always_lock_free);

int64_t now() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec;
}

void note(int signal) {
  // timeout(1) and shells send one request twice, to the process and to its group; only a later one is a new one.
  if (noted && now() - noted_at >= 2) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  if (!noted) noted_at = now();
  noted = true;
}

}  // namespace

void note_interrupts() {
  std::signal(SIGINT, note);
  std::signal(SIGTERM, note);
  std::signal(SIGHUP, note);
  std::signal(SIGPIPE, SIG_IGN);
}

bool interrupted() { return noted; }

void check_interrupt() {
  if (interrupted()) throw Interrupted();
}

InterruptWatch::InterruptWatch(std::function<void()> cancel)
    : thread_([cancel = std::move(cancel)](const std::stop_token& stop) {
        while (!stop.stop_requested() && !interrupted()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
        if (interrupted()) cancel();
      }) {}

}  // namespace experiments
