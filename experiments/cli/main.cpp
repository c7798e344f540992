#include <csignal>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "experiments/cli/commands.h"
#include "experiments/cli/interrupt.h"
#include "experiments/cli/options.h"
#include "experiments/config/invalid_config.h"
#include "experiments/run/manifest.h"
#include "experiments/run/results_directory.h"
#include "models/data/corpus.h"
#include "models/data/tokenizer.h"
#include "models/weights.h"

namespace {

constexpr const char* kUsage =
    "straggle: does asynchronous Local-SGD beat synchronous Local-SGD, in update steps and in wall-clock time?\n"
    "\n"
    "usage: straggle COMMAND [arguments]\n"
    "\n"
    "  run FILE      train every method of an experiment file on the simulated cluster and write the results\n"
    "  sweep FILE    run every point of an experiment file with a sweep; again: only what is missing\n"
    "  collect DIR…  merge the results of a sweep's parts\n"
    "  check FILE    validate an experiment file and print it with every default written out\n"
    "  bench [FILE]  how fast this machine trains, and what an experiment would take on it\n"
    "  format        print every key of an experiment file: type, unit, default, meaning (Markdown)\n"
    "  version       print the version\n"
    "\n"
    "straggle COMMAND --help tells a command's options. Start with:\n"
    "  straggle run experiments/catalog/quickstart.json\n";

int bad_input(const std::string& message) {
  std::cerr << "straggle: " << message << "\n";
  return experiments::kExitBadInput;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace experiments;
  const std::map<std::string, int (*)(const std::vector<std::string>&)> commands{
      {"run", command_run}, {"sweep", command_sweep}, {"collect", command_collect}, {"check", command_check}, {"bench", command_bench}, {"format", command_format}};
  const std::string command = argc > 1 ? argv[1] : "";
  if (command.empty()) {
    std::cerr << kUsage;
    return kExitBadInput;
  }
  if (command == "help" || command == "--help" || command == "-h") {
    std::cout << kUsage;
    return 0;
  }
  if (command == "version" || command == "--version") {
    std::cout << version_text() << "\n";
    return 0;
  }
  const auto found = commands.find(command);
  if (found == commands.end())
    return bad_input("\"" + command + "\" is no command; commands: run, sweep, collect, check, bench, format, version, help");
  try {
    return found->second({argv + 2, argv + argc});
  } catch (const Interrupted&) {
    std::cerr << "straggle: interrupted; nothing was written\n";
    return kExitInterrupted;
  } catch (const InvalidConfig& error) {
    return bad_input(error.what());
  } catch (const UsageError& error) {
    return bad_input(error.what());
  } catch (const OutputError& error) {
    return bad_input(error.what());
  } catch (const models::CorpusError& error) {
    return bad_input(error.what());
  } catch (const models::TokenizerError& error) {
    return bad_input(error.what());
  } catch (const models::WeightsError& error) {
    return bad_input(error.what());
  } catch (const std::exception& error) {
    std::cerr << "straggle: unexpected: " << error.what() << "\n";
    return 1;
  }
}
