#pragma once
#include <string>
#include <vector>

#include "experiments/run/inventory.h"

namespace experiments {

/// Says on stderr what was done with the input that nobody may expect: converted tensors, names read as others.
void tell_notes(const SharedInputs&);

/// Notes on stderr what is legal and was surely meant otherwise: doubts_of().
void tell_doubts(const std::vector<std::string>&);

/// Tells on stderr what was read of the corpora and what was not; what is the same, once.
void tell_inventories(const std::vector<models::CorpusInventory>&);

}  // namespace experiments
