#pragma once
#include <exception>

namespace experiments {

/// The user asked the program to stop (SIGINT or SIGTERM).
struct Interrupted : std::exception {
  const char* what() const noexcept override { return "interrupted"; }
};

/// From now on SIGINT and SIGTERM are only noted, so that a run can end in order; a second one kills.
void note_interrupts();
/// Throws Interrupted if one was noted.
void check_interrupt();

}  // namespace experiments
