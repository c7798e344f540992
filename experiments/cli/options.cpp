#include "experiments/cli/options.h"

#include <iostream>

namespace experiments {
namespace po = boost::program_options;

bool parse_options(const std::string& usage, po::options_description options, const std::vector<std::string>& arguments,
                   po::variables_map& values) {
  options.add_options()("help,h", "this text");
  po::options_description all;
  all.add(options).add_options()("FILE", po::value<std::string>(), "");
  po::positional_options_description positional;
  positional.add("FILE", 1);
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

ExperimentConfig load_experiment(const std::string& file, const std::vector<std::string>& settings) {
  Json document = parse_json(read_text(file), file);
  for (const std::string& setting : settings) apply_setting(document, setting);
  return parse_experiment(document, file);
}

}  // namespace experiments
