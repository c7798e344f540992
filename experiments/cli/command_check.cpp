#include <iostream>

#include "experiments/cli/commands.h"
#include "experiments/cli/input_notes.h"
#include "experiments/cli/options.h"
#include "experiments/cli/understood.h"
#include "experiments/config/compose.h"
#include "experiments/config/doubts.h"
#include "experiments/config/parse.h"
#include "experiments/config/sweep.h"

namespace experiments {
namespace po = boost::program_options;
namespace {

/// The weights that runs start from are read, because their faults and conversions are worth knowing beforehand.
void read_weights(const ExperimentConfig& experiment, SharedInputs& inputs) {
  for (const MethodConfig& method : experiment.methods)
    if (std::holds_alternative<WeightsStart>(method.run.start)) inputs.start(method.run, 0, {});
}

}  // namespace

int command_check(const std::vector<std::string>& arguments) {
  po::options_description options("Options");
  options.add_options()("set", po::value<std::vector<std::string>>()->composing()->value_name("/POINTER=VALUE"),
                        "change a setting; may be repeated");
  po::variables_map values;
  if (!parse_options("straggle check FILE [--set /POINTER=VALUE]", options, arguments, values)) return 0;
  if (!values.count("FILE"))
    throw UsageError("which experiment file? e.g. straggle check experiments/catalog/quickstart.json");
  const auto file = values["FILE"].as<std::string>();
  const Json document = load_document(file, all_values(values, "set"));
  const ExperimentConfig experiment = parse_experiment(document, file);
  require_files(experiment, file);
  std::cerr << understood_at_once(experiment, file) << "\n";  // the resolved file alone on standard output
  ThreadPool pool(1);
  SharedInputs inputs(pool);
  read_weights(experiment, inputs);
  Json resolved = to_json(experiment);
  std::vector<ExperimentConfig> points{experiment};
  std::vector<std::string> doubts = doubts_of(experiment);
  if (const Json whole = Composition(document, file).document(); describes_sweep(whole)) {
    std::vector<SweepPoint> swept = expand_sweep(document, file).points;
    doubts = doubts_of(swept);
    for (SweepPoint& point : swept) {
      require_files(point.experiment, file);
      read_weights(point.experiment, inputs);
      points.push_back(std::move(point.experiment));
    }
    resolved["sweep"] = whole["sweep"];
  }
  tell_doubts(doubts);
  tell_notes(inputs);
  tell_inventories(inventories(points));
  std::cout << text_of(resolved, 2) << "\n";
  return 0;
}

}  // namespace experiments
