#pragma once
#include <string>
#include <vector>

#include "models/data/split.h"

namespace experiments {

struct RunConfig;

/// A run's text, read and split, before it is tokens.
struct TextInput {
  std::vector<models::SplitDomain> domains;
  models::CorpusInventory inventory;
  std::string corpus_hash;
  size_t pooled_below = 0;  ///< bytes of validation text below which domains were pooled; 0: none was
};

/// Of a run on text. Throws models::CorpusError.
TextInput read_text_input(const RunConfig&);

/// Everything that its tokens depend on.
std::string text_key(const RunConfig&);

/// Whether so many tokens hold one window of validation text.
bool has_window(size_t tokens, int64_t context);

}  // namespace experiments
