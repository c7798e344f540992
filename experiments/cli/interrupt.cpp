#include "experiments/cli/interrupt.h"

#include <time.h>

#include <chrono>
#include <csignal>

namespace experiments {
namespace {

// A signal handler can reach nothing but globals.
volatile std::sig_atomic_t noted = 0;
volatile std::sig_atomic_t noted_at = 0;  // seconds of the monotonic clock, cut to what fits

std::sig_atomic_t now() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<std::sig_atomic_t>(t.tv_sec & 0x3fffffff);
}

void note(int signal) {
  // timeout(1) and shells send one request twice, to the process and to its group; only a later one is a new one.
  if (noted && now() - noted_at >= 2) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  if (!noted) noted_at = now();
  noted = 1;
}

}  // namespace

void note_interrupts() {
  std::signal(SIGINT, note);
  std::signal(SIGTERM, note);
  std::signal(SIGHUP, note);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file beyond the user's limit is an error like a full disk
}

bool interrupted() { return noted != 0; }

void check_interrupt() {
  if (interrupted()) throw Interrupted();
}

InterruptWatch::InterruptWatch(std::function<void()> cancel)
    : thread_([cancel = std::move(cancel)](const std::stop_token& stop) {
        while (!stop.stop_requested() && !interrupted()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
        if (interrupted()) cancel();
      }) {}

}  // namespace experiments
