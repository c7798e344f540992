#include "experiments/cli/input_notes.h"

#include <iostream>
#include <set>

#include "experiments/config/experiment_config.h"

namespace experiments {

void read_inputs(const std::vector<ExperimentConfig>& experiments, SharedInputs& inputs, bool shards) {
  for (const ExperimentConfig& experiment : experiments)
    for (const MethodConfig& method : experiment.methods) {
      inputs.read_input(method.run);
      if (!shards || !std::holds_alternative<TextData>(method.run.data)) continue;
      for (const uint64_t seed : experiment.seeds) inputs.shards(method.run, seed);
    }
  tell_notes(inputs);
}

void tell_notes(const SharedInputs& inputs) {
  for (const std::string& note : inputs.notes()) std::cerr << "straggle: note: " << note << "\n";
}

void tell_doubts(const std::vector<std::string>& doubts) {
  for (const std::string& doubt : doubts) std::cerr << "straggle: note: " << doubt << "\n";
}

void tell_inventories(const std::vector<models::CorpusInventory>& inventories) {
  std::set<std::string> told;
  for (const models::CorpusInventory& inventory : inventories)
    if (const std::string text = inventory_text(inventory); told.insert(text).second)
      std::cerr << "straggle: " << text << "\n";
}

}  // namespace experiments
