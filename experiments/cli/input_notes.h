#pragma once
#include <string>
#include <vector>

#include "experiments/run/inventory.h"

namespace experiments {

/// Reads what runs share, so that bad input shows before anything is trained; with `shards`, those of every seed too.
/// tell_notes().
void read_inputs(const std::vector<ExperimentConfig>&, SharedInputs&, bool shards);

/// Says on stderr what was done with the input that nobody may expect: converted tensors, names read as others.
void tell_notes(const SharedInputs&);

/// Notes on stderr what is legal and was surely meant otherwise: doubts_of().
void tell_doubts(const std::vector<std::string>&);

/// Tells on stderr what was read of the corpora and what was not; what is the same, once.
void tell_inventories(const std::vector<models::CorpusInventory>&);

}  // namespace experiments
