#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace experiments {

struct ProcessResult {
  bool started = false;  ///< false: there is no such program
  int status = -1;       ///< exit status; 128 + signal for one that was killed
  std::string errors;    ///< what it wrote to stderr, at most its first 64 KiB
  std::string output;    ///< what it wrote to stdout
};

/// Runs a program found on PATH in `directory`, with no shell in between, and waits for it. stdin is empty.
ProcessResult run_program(const std::vector<std::string>& command, const std::filesystem::path& directory);

/// A word that the shell reads as `text`.
std::string shell_word(const std::string& text);

}  // namespace experiments
