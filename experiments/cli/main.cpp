#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "experiments/cli/commands.h"
#include "experiments/cli/interrupt.h"
#include "experiments/cli/options.h"
#include "experiments/run/comparison.h"
#include "experiments/run/manifest.h"
#include "models/train/cancellation.h"

namespace {

using namespace experiments;

struct Command {
  std::string name, arguments, help;
  int (*run)(const std::vector<std::string>&);
};

const std::vector<Command>& commands() {
  static const std::vector<Command> all{
      {"run", "FILE", "train every method of an experiment file on the simulated cluster and write the results",
       command_run},
      {"sweep", "FILE", "run every point of an experiment file with a sweep; again: only what is missing",
       command_sweep},
      {"collect", "DIR...", "merge the results of a sweep's parts", command_collect},
      {"init", "[FILE]", "write a commented experiment file for your cluster, from options or by asking", command_init},
      {"presets", "[NAME]", "list named clusters, links, devices, availabilities, or print one", command_presets},
      {"check", "FILE", "validate an experiment file and print it with every default written out", command_check},
      {"plot", "RESULTS...", "draw curves, small multiples, heat maps: SVG, PDF, PNG or in the terminal", command_plot},
      {"report", "RESULTS...", "write the offline HTML page again, for one or several results directories",
       command_report},
      {"reproduction", "PLAN [DIR]", "write a page that checks results against published ones", command_reproduction},
      {"validate", "", "compare the clock with what others published, and write the page that shows it",
       command_validate},
      {"timeline", "RESULTS", "write a trace of the simulated cluster for Perfetto", command_timeline},
      {"tensorboard", "RESULTS", "write TensorBoard event files", command_tensorboard},
      {"import", "KIND FILE...", "write a cluster from other programs' files: availability, steps, links",
       command_import},
      {"calibrate", "LOG...", "write a cluster from logs of step times, and compare its rounds with the measured ones",
       command_calibrate},
      {"verify", "RESULTS", "run what made the results again, or its beginning, and compare bit for bit",
       command_verify},
      {"bench", "[FILE]", "how fast this machine trains, and what an experiment would take on it", command_bench},
      {"format", "[--results]", "print every key of an experiment file, or of results: unit, meaning (Markdown)",
       command_format},
      {"schema", "", "print the JSON Schema of experiment files, for editors and validators", command_schema}};
  return all;
}

std::string usage() {
  std::string text =
      "straggle: does asynchronous Local-SGD beat synchronous Local-SGD, in update steps and in wall-clock time?\n"
      "\n"
      "usage: straggle COMMAND [arguments]\n"
      "\n";
  for (const Command& command : commands()) {
    const std::string call = command.name + " " + command.arguments;
    text += "  " + call + std::string(call.size() < 24 ? 24 - call.size() : 1, ' ') + command.help + "\n";
  }
  return text +
         "  version                 print the version\n"
         "\n"
         "straggle help COMMAND tells a command's options. Start with:\n"
         "  straggle run experiments/catalog/quickstart.json\n";
}

int bad_input(const std::string& message) {
  std::cerr << "straggle: " << message << "\n";
  return kExitBadInput;
}

int interrupted_exit() {
  std::cerr << "straggle: interrupted; nothing was written\n";
  return kExitInterrupted;
}

/// A file that is opened must not get the number of a standard stream that whoever started us has closed: what we print
/// would go into it. Opened the wrong way round, such a stream still refuses what is written to it.
void occupy_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(stream, F_GETFD) < 0) open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/// Whether stdout is a pipe whose reader has gone (| head): it had what it wanted.
bool reader_has_gone() {
  pollfd out{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
  return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP));
}

/// `status`, or our fault where something of what was printed is lost, which is said.
int after_printing(int status) {
  errno = 0;
  std::cout.flush();
  const bool flushed = std::fflush(stdout) == 0;
  if ((std::cout && flushed && !std::ferror(stdout)) || reader_has_gone()) return status;
  std::cerr << "straggle: what was to be printed is lost, in part or whole: "
            << (errno ? std::strerror(errno) : "standard output cannot be written") << "\n";
  return status ? status : kExitOurFault;
}

int run_command(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  if (command.empty()) {
    std::cerr << usage();
    return kExitBadInput;
  }
  const auto command_named = [](const std::string& name) {
    return std::find_if(commands().begin(), commands().end(), [&](const Command& c) { return c.name == name; });
  };
  if (command == "help" && argc > 2 && command_named(argv[2]) != commands().end())
    return command_named(argv[2])->run({"--help"});
  if (command == "help" || command == "--help" || command == "-h") {
    std::cout << usage();
    return 0;
  }
  if (command == "version" || command == "--version") {
    std::cout << version_text() << "\n";
    return 0;
  }
  const auto found = command_named(command);
  if (found == commands().end()) {
    std::vector<std::string_view> names;
    for (const Command& c : commands()) names.push_back(c.name);
    names.insert(names.end(), {"version", "help"});
    return bad_input(unknown_value(command, "commands", names));
  }
  try {
    return found->run({argv + 2, argv + argc});
  } catch (const Interrupted&) {
    return interrupted_exit();
  } catch (const models::Cancelled&) {
    return interrupted_exit();
  } catch (const std::bad_alloc&) {
    return bad_input(kOutOfMemory);
  } catch (const std::runtime_error& error) {  // whatever a user can cause; what is ours is a logic_error
    return bad_input(error.what());
  } catch (const std::exception& error) {
    std::cerr << "straggle: unexpected: " << error.what() << "\n";
    return kExitOurFault;
  }
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_streams();
  std::signal(SIGXFSZ, SIG_IGN);  // a file beyond the user's limit is an error like a full disk
  return after_printing(run_command(argc, argv));
}
