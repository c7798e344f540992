#include <iostream>

#include "experiments/cli/commands.h"
#include "experiments/cli/drawing_folder.h"
#include "experiments/cli/options.h"
#include "experiments/cli/terminal.h"
#include "experiments/import/calibrate.h"
#include "experiments/report/process.h"

namespace experiments {
namespace {

namespace po = boost::program_options;

constexpr const char* kCalibrateUsage = "straggle calibrate LOG… [--out DIR] [options]";

LogForm form_of(const std::string& name) {
  const std::vector<std::pair<std::string_view, LogForm>> forms{{"auto", LogForm::automatic},
                                                                {"durations", LogForm::durations},
                                                                {"times", LogForm::times},
                                                                {"steps", LogForm::steps}};
  std::vector<std::string_view> names;
  for (const auto& [known, form] : forms) {
    if (known == name) return form;
    names.push_back(known);
  }
  throw UsageError("--log " + unknown_value(Json(name), "values", names));
}

}  // namespace

int command_calibrate(const std::vector<std::string>& arguments) {
  po::options_description options("Options", 100);
  options.add_options()(
      "out,o", po::value<std::string>()->value_name("DIR"),
      "where cluster.json and the pictures go; must not exist, or be empty (default: only the tables)")(
      "log", po::value<std::string>()->value_name("FORM")->default_value("auto"),
      "what a line is: durations (s), times (s, or dates, at a step's end), steps (step,rank,seconds) or auto: by the "
      "content, which is said")("steps", po::value<int>()->value_name("H")->default_value(20),
                                "compare rounds of so many steps")(
      "windows", po::value<double>()->value_name("SECONDS"),
      "instead of slow spells a trace of the speed in windows of this length");
  po::variables_map values;
  if (!parse_options(kCalibrateUsage, options, arguments, values, true)) return 0;
  const auto logs = all_values(values, "FILE");
  if (logs.empty()) throw UsageError(std::string("usage: ") + kCalibrateUsage);
  CalibrateOptions chosen;
  chosen.form = form_of(values["log"].as<std::string>());
  const int steps = values["steps"].as<int>();
  if (steps < 1 || steps > 100000)
    throw UsageError("--steps is " + std::to_string(steps) + "; allowed: from 1 to 100000");
  chosen.round_steps = static_cast<size_t>(steps);
  if (values.count("windows")) chosen.windows = values["windows"].as<double>();
  if (chosen.windows && !(*chosen.windows >= 1e-3 && *chosen.windows <= 1e9))
    throw UsageError("--windows is " + number_text(*chosen.windows) + "; allowed: from 0.001 to 1000000000 s");

  Calibration made = calibrate({logs.begin(), logs.end()}, chosen);
  std::cout << calibration_text(made, terminal_size().columns);
  for (const std::string& note : made.imported.notes) std::cout << note << "\n";
  if (!values.count("out")) return 0;
  const Drawings drawings = draw_all(calibration_figures(made));
  for (const auto& [name, content] : drawings.contents) made.imported.files[name + ".svg"] = content;
  std::string source = "straggle calibrate";
  for (const std::string& log : logs) source += " " + shell_word(log);
  const std::filesystem::path out = values["out"].as<std::string>();
  write_cluster(made.imported, source, out);
  if (!drawings.problem.empty()) std::cerr << "straggle: pictures were not drawn: " << drawings.problem << "\n";
  std::cout << (out / "cluster.json").string();
  for (const auto& [name, content] : drawings.contents) std::cout << ", " << name << ".svg";
  std::cout << "\n";
  return 0;
}

}  // namespace experiments
