#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <stdexcept>

#include "experiments/cli/commands.h"
#include "experiments/cli/options.h"
#include "experiments/config/parse.h"
#include "experiments/config/starter.h"
#include "experiments/report/files.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

/// Comma-separated; a comma may be followed by spaces.
std::vector<std::string> items_of(const std::string& list) {
  std::vector<std::string> items;
  for (size_t begin = 0; begin <= list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    items.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return items;
}

/// What a person answers; `otherwise` to an empty line.
std::string asked(const std::string& question, const std::string& otherwise) {
  std::cout << question << (otherwise.empty() ? "" : " [" + otherwise + "]") << ": " << std::flush;
  std::string answer;
  if (!std::getline(std::cin, answer)) throw UsageError("init was not told everything");
  return answer.empty() ? otherwise : answer;
}

}  // namespace

int command_init(const std::vector<std::string>& arguments) {
  po::options_description options("Options");
  const auto text = [] { return po::value<std::string>(); };
  options.add_options()(
      "workers", text()->value_name("KIND:COUNT,…"),
      "what computes: a preset (straggle presets), a peak (80 TFLOP/s) or seconds a step (0.5 s), and "
      "how many")("wan", text()->value_name("LATENCY,RATE"),
                  "each worker's way to the server, e.g. \"200 ms,1 Gbit/s\"; without: none")(
      "model", text()->value_name("PARAMETERS"), "of the model whose time and traffic are charged for, e.g. 1.3B")(
      "text", text()->value_name("DIR"), "what is learned: a directory or a file of text")(
      "name", text()->value_name("NAME"), "of the experiment and its results directory; without: the file's");
  po::variables_map values;
  if (!parse_options("straggle init [FILE] --workers KIND:COUNT,… --text DIR [options]", options, arguments, values))
    return 0;
  const fs::path file = values.count("FILE") ? values["FILE"].as<std::string>() : "experiment.json";
  std::error_code error;
  if (fs::exists(fs::symlink_status(file, error)))
    throw UsageError(file.string() + " exists already; allowed: another name, straggle init FILE");
  const auto given = [&](const char* option) {
    return values.count(option) ? std::optional(values[option].as<std::string>()) : std::nullopt;
  };
  const bool asks = arguments.empty() && isatty(STDIN_FILENO);
  Starter starter{.name = given("name").value_or(file.stem().string()),
                  .workers = {},
                  .wan = given("wan"),
                  .model = given("model"),
                  .text = given("text").value_or("")};
  std::string workers = given("workers").value_or("");
  if (asks) {
    const auto optional = [](const std::string& answer) {
      return answer.empty() ? std::nullopt : std::optional(answer);
    };
    workers = asked("Workers, as KIND:COUNT,…  (e.g. a100:4,t4:4, or 0.5 s:3,2 s:1)", "");
    starter.wan =
        optional(asked("Each worker's way to the server, as LATENCY,RATE  (empty: transfers take no time)", ""));
    starter.model = optional(asked("Parameters of the model to charge for  (empty: the one that trains)", ""));
    starter.text =
        asked("Text to learn, a directory or a file", fs::exists("experiments/data", error) ? "experiments/data" : "");
  }
  if (workers.empty() || starter.text.empty())
    throw UsageError(std::string("init needs ") + (workers.empty() ? "--workers" : "--text") +
                     ", e.g. straggle init --workers a100:4,t4:4 --wan \"200 ms,1 Gbit/s\" --model 1.3B --text DIR");
  starter.workers = items_of(workers);
  // As seen from the file.
  const fs::path from = fs::absolute(file).parent_path();
  starter.text = fs::path(starter.text).is_absolute() ? starter.text : fs::relative(starter.text, from).string();
  std::string experiment;
  try {
    experiment = starter_file(starter);
  } catch (const std::invalid_argument& mistake) {
    throw UsageError(mistake.what());
  }
  require_files(parse_experiment(parse_json(experiment, file.string()), file), file.string());
  replace_file(file, experiment);
  std::cout << "Wrote " << file.string() << ". Next:\n  straggle run " << file.string() << " --dry-run\n  straggle run "
            << file.string() << "\n";
  return 0;
}

}  // namespace experiments
