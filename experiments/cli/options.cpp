#include "experiments/cli/options.h"

#include <iostream>

#include "experiments/config/sweep.h"

namespace experiments {
namespace po = boost::program_options;

bool parse_options(const std::string& usage, po::options_description options, const std::vector<std::string>& arguments,
                   po::variables_map& values, bool many) {
  options.add_options()("help,h", "this text");
  po::options_description all;
  all.add(options);
  if (many) all.add_options()("FILE", po::value<std::vector<std::string>>(), "");
  else all.add_options()("FILE", po::value<std::string>(), "");
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
    throw InvalidConfig(file, {{"/sweep", "describes a sweep: run it with straggle sweep; --set /sweep=null takes the experiment without it"}});
  return parse_experiment(document, file);
}

}  // namespace experiments
