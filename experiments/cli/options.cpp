#include "experiments/cli/options.h"

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "experiments/cli/interrupt.h"
#include "experiments/config/inputs.h"
#include "experiments/config/json_reader.h"
#include "experiments/config/sweep.h"
#include "experiments/run/build.h"
#include "experiments/run/build_workers.h"
#include "experiments/run/thread_pool.h"
#include "models/input_file.h"

namespace experiments {
namespace po = boost::program_options;

bool parse_options(const std::string& usage, po::options_description options, const std::vector<std::string>& arguments,
                   po::variables_map& values, bool many) {
  options.add_options()("help,h", "this text");
  po::options_description all;
  all.add(options);
  if (many)
    all.add_options()("FILE", po::value<std::vector<std::string>>(), "");
  else
    all.add_options()("FILE", po::value<std::string>(), "");
  po::positional_options_description positional;
  positional.add("FILE", many ? -1 : 1);
  try {
    // No guessing: a mistyped option must not become another one.
    const int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(arguments).options(all).positional(positional).style(style).run(), values);
    if (values.count("help")) {
      std::cout << "usage: " << usage << "\n\n" << options;
      return false;
    }
    po::notify(values);
  } catch (const po::error& error) {
    throw UsageError(std::string(error.what()) + "\nusage: " + usage);
  }
  return true;
}

Json load_document(const std::string& file, const std::vector<std::string>& settings) {
  Json document = parse_json(read_text(file), file);
  for (const std::string& setting : settings) apply_setting(document, setting);
  return document;
}

ExperimentConfig load_experiment(const std::string& file, const std::vector<std::string>& settings) {
  const Json document = load_document(file, settings);
  if (describes_sweep(document))
    throw InvalidConfig(
        file, {{"/sweep",
                "describes a sweep: run it with straggle sweep; --set /sweep=null takes the experiment without it"}});
  return parse_experiment(document, file);
}

int thread_count(const po::variables_map& values) {
  const int threads = values.count("threads") ? values["threads"].as<int>() : default_threads();
  if (threads < 1 || threads > 1024)
    throw UsageError("--threads is " + std::to_string(threads) + "; allowed: from 1 to 1024");
  return threads;
}

std::vector<std::string> all_values(const po::variables_map& values, const std::string& option) {
  return values.count(option) ? values[option].as<std::vector<std::string>>() : std::vector<std::string>{};
}

namespace {

/// Methods share most settings: each mistake once.
void note(std::vector<Mistake>& mistakes, const Mistake& mistake) {
  if (std::find(mistakes.begin(), mistakes.end(), mistake) == mistakes.end()) mistakes.push_back(mistake);
}

std::vector<Mistake> all_worker_mistakes(const ExperimentConfig& experiment) {
  std::vector<Mistake> mistakes;
  for (const MethodConfig& method : experiment.methods)
    for (const Mistake& mistake : worker_mistakes(method.run)) note(mistakes, mistake);
  return mistakes;
}

}  // namespace

void require_workers(const ExperimentConfig& experiment, const std::string& file) {
  std::vector<Mistake> mistakes = all_worker_mistakes(experiment);
  if (!mistakes.empty()) throw InvalidConfig(file, std::move(mistakes));
}

void require_files(const ExperimentConfig& experiment, const std::string& file) {
  std::vector<Mistake> mistakes = all_worker_mistakes(experiment);
  const auto require = [&](const std::string& pointer, const std::string& path) {
    const std::string reason = models::not_a_file(path);
    if (!reason.empty()) note(mistakes, {pointer, text_of(path) + " " + reason});
  };
  for (const MethodConfig& method : experiment.methods)
    for_each_file(method.run, [&](const std::string& pointer, const std::string& path) {
      std::error_code error;
      if (pointer == kCorpusPointer && std::filesystem::is_directory(path, error)) return;
      require(pointer, path);
    });
  if (!mistakes.empty()) throw InvalidConfig(file, std::move(mistakes));
}

RunLog clock_of(const MethodConfig& method, uint64_t seed, const std::string& file, const std::string& run) {
  try {
    return run_clock(method.run, seed, [](const Counters&, std::optional<double>) { check_interrupt(); });
  } catch (const std::overflow_error& error) {
    const std::string own = "method " + text_of(method.name) + ", seed " + std::to_string(seed);
    throw InvalidConfig(file, {{"", (run.empty() ? own : run) + ": " + error.what()}});
  }
}

}  // namespace experiments
