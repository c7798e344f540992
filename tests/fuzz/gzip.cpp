#include "tests/fuzz/corpora.h"

/// A compressed corpus; the first byte says of plain text or of JSON lines.
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  fuzz::load_and_split(data[0] % 2 ? "text.txt.gz" : "text.jsonl.gz", fuzz::text(data + 1, size - 1));
  return 0;
}
