#include "experiments/report/process.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace experiments {
namespace {

constexpr int kNotStarted = 127;
constexpr size_t kMostErrors = 64 * 1024;

/// In the child; between fork and exec only what is async-signal-safe, because other threads may hold locks.
[[noreturn]] void become(char* const* arguments, const char* directory, int output, int errors) {
  const int null = open("/dev/null", O_RDWR);
  if (null < 0 || chdir(directory) != 0) _exit(kNotStarted);
  dup2(null, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  execvp(arguments[0], arguments);
  _exit(kNotStarted);
}

}  // namespace

ProcessResult run_program(const std::vector<std::string>& command, const std::filesystem::path& directory) {
  ProcessResult result;
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const std::string place = directory.string();

  int ends[2];
  // stdout goes to a file in memory: with two pipes a program that fills the one not being read would wait for ever.
  const int output = memfd_create("stdout", MFD_CLOEXEC);
  if (output < 0) return result;
  if (pipe(ends) != 0) {
    close(output);
    return result;
  }
  const pid_t child = fork();
  if (child == 0) become(arguments.data(), place.c_str(), output, ends[1]);
  close(ends[1]);
  if (child > 0) {
    char buffer[4096];
    for (ssize_t count; (count = read(ends[0], buffer, sizeof buffer)) != 0;) {
      if (count < 0 && errno != EINTR) break;
      if (count > 0 && result.errors.size() < kMostErrors) result.errors.append(buffer, static_cast<size_t>(count));
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result.started = result.status != kNotStarted;
    lseek(output, 0, SEEK_SET);
    for (ssize_t count; (count = read(output, buffer, sizeof buffer)) != 0;) {
      if (count < 0 && errno != EINTR) break;
      if (count > 0) result.output.append(buffer, static_cast<size_t>(count));
    }
  }
  close(ends[0]);
  close(output);
  return result;
}

std::string shell_word(const std::string& text) {
  if (!text.empty() &&
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%") ==
          std::string::npos)
    return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

}  // namespace experiments
