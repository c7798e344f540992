#include "experiments/cli/options.h"

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "experiments/cli/interrupt.h"
#include "experiments/config/compose.h"
#include "experiments/config/inputs.h"
#include "experiments/config/json_reader.h"
#include "experiments/config/parse.h"
#include "experiments/config/place.h"
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
  } catch (const po::unknown_option& error) {
    std::string name = error.get_option_name();
    name.erase(0, name.find_first_not_of('-'));
    std::vector<std::string_view> names;
    for (const auto& option : options.options()) names.push_back(option->long_name());
    const std::string_view guess = closest_name(name, names);
    const bool key = options.find_nothrow("set", false) && experiment_keys().contains(name);
    throw UsageError("option --" + name + " is unknown" +
                     (key              ? "; the experiment's own settings are changed so: --set /" + name + "=VALUE"
                      : !guess.empty() ? "; did you mean --" + std::string(guess) + "?"
                                       : "") +
                     "\nusage: " + usage);
  } catch (const po::error& error) {
    throw UsageError(std::string(error.what()) + "\nusage: " + usage);
  }
  return true;
}

Json load_document(const std::string& file, const std::vector<std::string>& settings) {
  Json document = parse_json(read_text(file), file);
  for (const std::string& setting : settings)
    if (const std::string note = apply_setting(document, file, setting); !note.empty())
      std::cerr << "straggle: note: " << note << "\n";
  return document;
}

ExperimentConfig load_experiment(const std::string& file, const std::vector<std::string>& settings) {
  const Json document = load_document(file, settings);
  if (describes_sweep(Composition(document, file).document()))
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

Target target_of(const std::string& text) {
  Target target;
  std::vector<Mistake> mistakes;
  const Json number = Json::parse(text, nullptr, false);
  JsonReader::read(number.is_number() ? number : Json(text), target, above(0), "", mistakes);
  if (!mistakes.empty()) throw UsageError("--target " + mistakes[0].message);
  return target;
}

void require_baseline(const Target& target, const std::string& baseline) {
  if (target == kBaselineTarget && baseline.empty())
    throw UsageError("--target is baseline, and none is named there; allowed: common or a number above 0");
}

std::optional<Target> target_option(const po::variables_map& values, const std::string& baseline) {
  if (!values.count("target")) return std::nullopt;
  const Target target = target_of(values["target"].as<std::string>());
  require_baseline(target, baseline);
  return target;
}

std::vector<std::string> settings_of(const po::variables_map& values) {
  std::vector<std::string> settings = all_values(values, "set");
  if (values.count("target")) settings.push_back("/target=" + values["target"].as<std::string>());
  return settings;
}

std::vector<std::string> all_values(const po::variables_map& values, const std::string& option) {
  return values.count(option) ? values[option].as<std::vector<std::string>>() : std::vector<std::string>{};
}

namespace {

/// A mistake in a run of the experiment's `method`-th method. Methods share most settings: each mistake once.
void note(std::vector<Mistake>& mistakes, const ExperimentConfig& experiment, size_t method, Mistake mistake) {
  mistake.pointer = place_of(experiment.methods[method], method, mistake.pointer);
  if (std::find(mistakes.begin(), mistakes.end(), mistake) == mistakes.end()) mistakes.push_back(std::move(mistake));
}

std::vector<Mistake> all_worker_mistakes(const ExperimentConfig& experiment) {
  std::vector<Mistake> mistakes;
  for (size_t m = 0; m < experiment.methods.size(); ++m)
    for (Mistake& mistake : worker_mistakes(experiment.methods[m].run))
      note(mistakes, experiment, m, std::move(mistake));
  return mistakes;
}

}  // namespace

void require_workers(const ExperimentConfig& experiment, const std::string& file) {
  std::vector<Mistake> mistakes = all_worker_mistakes(experiment);
  if (!mistakes.empty()) throw InvalidConfig(file, std::move(mistakes));
}

void require_files(const ExperimentConfig& experiment, const std::string& file) {
  std::vector<Mistake> mistakes = all_worker_mistakes(experiment);
  for (size_t m = 0; m < experiment.methods.size(); ++m)
    for_each_file(experiment.methods[m].run, [&](const std::string& pointer, const std::string& path) {
      std::error_code error;
      if (pointer == kCorpusPointer && std::filesystem::is_directory(path, error)) return;
      const std::string reason = models::not_a_file(path);
      if (!reason.empty()) note(mistakes, experiment, m, {pointer, text_of(path) + " " + reason});
    });
  if (!mistakes.empty()) throw InvalidConfig(file, std::move(mistakes));
}

sim::ClockLog in_file(const std::string& file, const MethodConfig& method, uint64_t seed,
                      const std::function<sim::ClockLog()>& clock, const std::string& run) {
  try {
    return clock();
  } catch (const std::overflow_error& error) {
    const std::string own = "method " + text_of(method.name) + ", seed " + std::to_string(seed);
    throw InvalidConfig(file, {{"", (run.empty() ? own : run) + ": " + error.what()}});
  }
}

sim::ClockLog clock_of(const MethodConfig& method, uint64_t seed, const std::string& file, const std::string& run) {
  return in_file(
      file, method, seed, [&] { return clock_totals(method.run, seed, check_interrupt); }, run);
}

}  // namespace experiments
