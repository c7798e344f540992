#include <algorithm>
#include <iostream>

#include "experiments/cli/commands.h"
#include "experiments/cli/options.h"
#include "experiments/import/importer.h"
#include "experiments/report/process.h"

namespace experiments {
namespace {

namespace po = boost::program_options;

constexpr const char* kImportUsage = "straggle import KIND FILE… --out DIR [options]";

const ImportFormat& format_named(const std::string& name) {
  std::vector<std::string_view> names;
  for (const ImportFormat& format : import_formats()) {
    if (format.name == name) return format;
    names.push_back(format.name);
  }
  throw UsageError(unknown_value(Json(name), "kinds", names) + "\nusage: " + kImportUsage);
}

/// Throws UsageError for a chosen option that the format does not ask for.
void require_options(const ImportFormat& format, const po::variables_map& values) {
  for (const char* name : {"after", "until", "server", "link", "window", "seconds-per-step"}) {
    const bool asked =
        (" " + std::string(format.options) + " ").find(" " + std::string(name) + " ") != std::string::npos;
    if (values.count(name) && !values[name].defaulted() && !asked)
      throw UsageError("--" + std::string(name) + " says nothing to " + std::string(format.name) +
                       "; its options: " + std::string(format.options));
  }
}

double above_zero(const po::variables_map& values, const std::string& name) {
  const double value = values[name].as<double>();
  if (!(value > 0 && value <= 4.6e9))
    throw UsageError("--" + name + " is " + number_text(value) + "; allowed: above 0");
  return value;
}

}  // namespace

int command_import(const std::vector<std::string>& arguments) {
  po::options_description options("Options", 100);
  options.add_options()("out,o", po::value<std::string>()->value_name("DIR"),
                        "where cluster.json and its traces go; must not exist, or be empty")(
      "after", po::value<std::string>()->value_name("WHAT"),
      "past a trace's end: hold or repeat; of steps: refuse or repeat (default: the first)")(
      "until", po::value<double>()->value_name("SECONDS"), "availability with --after repeat: until when")(
      "server", po::value<std::string>()->value_name("NODE"),
      "links, simgrid: the node that is the server (default: server, else the first)")(
      "link", po::value<std::string>()->value_name("WHICH")->default_value("both"),
      "mahimahi, bandwidth: the traces are of upload, download or both")(
      "window", po::value<double>()->value_name("SECONDS")->default_value(1.0), "mahimahi: packets are counted over")(
      "seconds-per-step", po::value<double>()->value_name("SECONDS")->default_value(1.0),
      "of workers whose speed the files do not tell");
  po::variables_map values;
  if (!parse_options(kImportUsage, options, arguments, values, true)) {
    std::cout << "\nKinds:\n";
    for (const ImportFormat& format : import_formats())
      std::cout << "  " << format.name << std::string(16 - format.name.size(), ' ') << format.reads << "\n";
    return 0;
  }
  const auto given = all_values(values, "FILE");
  if (given.empty() || !values.count("out")) throw UsageError(std::string("usage: ") + kImportUsage);
  const ImportFormat& format = format_named(given[0]);
  if (given.size() < 2) throw UsageError("no file of kind " + given[0] + "\nusage: " + kImportUsage);
  require_options(format, values);
  ImportOptions chosen;
  if (values.count("after")) chosen.after = values["after"].as<std::string>();
  if (values.count("until")) chosen.until = above_zero(values, "until");
  if (values.count("server")) chosen.server = values["server"].as<std::string>();
  chosen.link = values["link"].as<std::string>();
  chosen.window = above_zero(values, "window");
  chosen.seconds_per_step = above_zero(values, "seconds-per-step");

  const Imported made = format.import({given.begin() + 1, given.end()}, chosen);
  const std::filesystem::path out = values["out"].as<std::string>();
  std::string source = "straggle import";
  for (const std::string& argument : given) source += " " + shell_word(argument);
  write_cluster(made, source, out);
  for (const std::string& note : made.notes) std::cout << note << "\n";
  std::cout << (out / "cluster.json").string() << "\n";
  return 0;
}

}  // namespace experiments
