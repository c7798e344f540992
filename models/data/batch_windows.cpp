#include "models/data/batch_windows.h"

#include <algorithm>

#include "models/data/corpus_error.h"

namespace models {

int64_t count_windows(size_t tokens, int64_t context) {
  return tokens == 0 || context < 1 ? 0 : (static_cast<int64_t>(tokens) - 1) / context;
}

void check_batch_shape(int64_t sequences, int64_t context) {
  if (sequences < 1) throw CorpusError("a batch of " + std::to_string(sequences) + " sequences; allowed: at least 1");
  if (context < 1) throw CorpusError("a context of " + std::to_string(context) + " tokens; allowed: at least 1");
}

void shape_batch(Batch& batch, int64_t sequences, int64_t context) {
  batch.sequences = sequences;
  batch.length = context;
  batch.inputs.resize(static_cast<size_t>(sequences * context));
  batch.targets.resize(static_cast<size_t>(sequences * context));
  batch.features.clear();
}

void copy_window(const TokenSequence& tokens, int64_t window, Batch& batch, int64_t row) {
  const auto first = static_cast<size_t>(window * batch.length), length = static_cast<size_t>(batch.length);
  tokens.copy(first, length, batch.inputs.data() + row * batch.length);
  tokens.copy(first + 1, length, batch.targets.data() + row * batch.length);
}

}  // namespace models
