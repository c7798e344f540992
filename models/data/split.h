#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "models/data/corpus.h"

namespace models {

struct SplitDomain {
  std::string name;
  std::string training;
  std::string validation;
  bool pooled = false;  ///< too small for a validation part of its own: what is held out of it stands in the pool's
};

struct SplitCorpus {
  std::vector<SplitDomain> domains;  ///< as the corpus has them; behind them the pool, where there is one
  CorpusInventory inventory;
};

/// Splits each domain once into training and validation text. Validation is the domain's end of `validation_fraction`
/// of its bytes: of several documents those whose beginning is nearest to that, if between half and twice as much is
/// held out so; else it begins inside a document, at a UTF-8 character (up to 3 bytes more). Domains whose validation
/// part would be shorter than `smallest` bytes are pooled: of all their documents one after another every so many is
/// held out whole, together they are the validation text of a last domain. If the pool's were shorter too, they stay as
/// they are. Throws CorpusError unless 0 < validation_fraction < 1, and for a document of which one copy's validation
/// text stands in another's training text.
SplitCorpus split(Corpus, double validation_fraction, size_t smallest);

}  // namespace models
