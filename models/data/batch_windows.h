#pragma once
#include <cstdint>
#include <vector>

#include "models/data/token_sequence.h"
#include "models/objective.h"

namespace models {

/// W = ⌊(tokens − 1)/T⌋: window w is tokens[wT … wT + T], its first T the inputs, its last T the targets.
int64_t count_windows(size_t tokens, int64_t context);

/// Throws CorpusError unless both are at least 1.
void check_batch_shape(int64_t sequences, int64_t context);

/// Gives `batch` room for [sequences, context]; allocates only where it had less.
void shape_batch(Batch& batch, int64_t sequences, int64_t context);

/// Writes window `window` of `tokens` into row `row`.
void copy_window(const TokenSequence& tokens, int64_t window, Batch& batch, int64_t row);

}  // namespace models
