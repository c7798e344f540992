#include "tests/fuzz/corpora.h"

/// A corpus of JSON lines.
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::load_and_split("text.jsonl", fuzz::text(data, size));
  return 0;
}
