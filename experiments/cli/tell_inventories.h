#pragma once
#include <vector>

#include "experiments/run/inventory.h"

namespace experiments {

/// Tells on stderr what was read of the corpora and what was not; what is the same, once.
void tell_inventories(const std::vector<models::CorpusInventory>&);

}  // namespace experiments
