#pragma once
#include <sys/wait.h>

#include <cstdio>
#include <stdexcept>
#include <string>

#include "tests/support/paths.h"

/// What a command printed (stdout and stderr) and its exit code.
struct Outcome {
  int code;
  std::string output;
};

/// Runs a shell command.
inline Outcome shell(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1 </dev/null").c_str(), "r");
  if (!pipe) throw std::runtime_error("no shell");
  Outcome outcome{0, ""};
  char buffer[4096];
  while (const size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) outcome.output.append(buffer, n);
  const int status = pclose(pipe);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

/// Runs the straggle binary.
inline Outcome straggle(const std::string& arguments) { return shell("\"" + straggle_binary() + "\" " + arguments); }

/// Charts are drawn by gnuplot where it is installed.
inline bool has_gnuplot() { return shell("gnuplot --version").code == 0; }
