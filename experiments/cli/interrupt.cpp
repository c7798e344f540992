#include "experiments/cli/interrupt.h"

#include <csignal>

namespace experiments {
namespace {

// A signal handler can reach nothing but a global.
volatile std::sig_atomic_t interrupted = 0;

void note(int signal) {
  interrupted = 1;
  std::signal(signal, SIG_DFL);
}

}  // namespace

void note_interrupts() {
  std::signal(SIGINT, note);
  std::signal(SIGTERM, note);
}

void check_interrupt() {
  if (interrupted) throw Interrupted();
}

}  // namespace experiments
