#pragma once
#include <string>

#include "models/data/split.h"
#include "tests/fuzz/fuzz.h"

namespace fuzz {

/// Documents one after another, each with what separates it from a next one.
inline size_t separated(const std::string& text) {
  return text.empty() ? 0 : text.size() + models::document_separator.size();
}

inline void split_whole(const models::Corpus& corpus, double fraction, size_t smallest) {
  const auto parts = models::split(corpus, fraction, smallest).domains;
  size_t before = 0, after = 0;
  for (const models::Domain& domain : corpus.domains) before += separated(domain.text);
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i == corpus.domains.size() || parts[i].pooled) {
      after += separated(parts[i].training) + separated(parts[i].validation);
      continue;
    }
    require(parts[i].training + parts[i].validation == corpus.domains[i].text, "a split loses and adds nothing");
    after += separated(corpus.domains[i].text);
  }
  require(before == after, "a pool loses and adds nothing");
}

/// Loads the file as a corpus and splits it, as a run does.
inline void load_and_split(const std::string& name, std::string_view content) {
  for (const auto on_bad_line : {models::OnBadLine::refuse, models::OnBadLine::skip}) {
    try {
      const models::Corpus corpus = models::load_corpus(file(name, content), on_bad_line);
      require(!corpus.domains.empty() && corpus.bytes() > 0, "a corpus holds text");
      for (const double fraction : {0.01, 0.5})
        for (const size_t smallest : {0, 10}) split_whole(corpus, fraction, smallest);
    } catch (const models::CorpusError&) {
    }
  }
}

}  // namespace fuzz
