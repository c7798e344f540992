#pragma once
#include <string>
#include <vector>

#include "experiments/config/json_reader.h"
#include "experiments/run/shared_inputs.h"

namespace experiments {

struct ExperimentConfig;

/// What was read of the experiments' corpora, each once.
std::vector<models::CorpusInventory> inventories(const std::vector<ExperimentConfig>&, SharedInputs&);
/// The same without tokens, for who trains nothing.
std::vector<models::CorpusInventory> inventories(const std::vector<ExperimentConfig>&);

/// For people: one line, and one more for each thing out of the ordinary; no line end behind the last.
std::string inventory_text(const models::CorpusInventory&);
/// For manifest.json; of files the first thousand.
Json inventory_json(const models::CorpusInventory&);

}  // namespace experiments
