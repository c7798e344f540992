#pragma once
#include <vector>

#include "models/data/documents.h"

namespace models {

/// Documents whose text stands there before, in the order of domains and their documents.
std::vector<Repeat> repeats_in(const std::vector<Domain>&);

/// Takes the corpus's repeats out of their texts, and domains that lose all of theirs.
void leave_out_repeats(Corpus&);

}  // namespace models
