#pragma once
#include "models/data/corpus.h"
#include "tests/fuzz/fuzz.h"

namespace fuzz {

/// Loads the file as a corpus and splits it, as a run does.
inline void load_and_split(const std::string& name, std::string_view content) {
  try {
    const models::Corpus corpus = models::load_corpus(file(name, content));
    require(!corpus.domains.empty() && corpus.bytes() > 0, "a corpus holds text");
    for (const double fraction : {0.01, 0.5}) {
      const auto parts = models::split(corpus, fraction);
      for (size_t i = 0; i < parts.size(); ++i)
        require(parts[i].training + parts[i].validation == corpus.domains[i].text, "a split loses and adds nothing");
    }
  } catch (const models::CorpusError&) {
  }
}

}  // namespace fuzz
