#pragma once
#include <exception>
#include <functional>
#include <thread>

namespace experiments {

/// The user asked the program to stop (SIGINT or SIGTERM).
struct Interrupted : std::exception {
  const char* what() const noexcept override { return "interrupted"; }
};

/// From now on SIGINT, SIGTERM and SIGHUP are only noted, so that a run can end in order; another one seconds later
/// kills. SIGPIPE is ignored: a reader that goes away (| head) ends the progress lines, not the run.
void note_interrupts();
bool interrupted();
/// Throws Interrupted if one was noted.
void check_interrupt();

/// While it lives, calls `cancel` once as soon as an interrupt is noted.
class InterruptWatch {
 public:
  explicit InterruptWatch(std::function<void()> cancel);

 private:
  std::jthread thread_;
};

}  // namespace experiments
