#include "tests/fuzz/corpora.h"

/// A compressed corpus; the first byte says of plain text or of JSON lines, and by what it is compressed.
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  constexpr const char* names[] = {"text.jsonl.gz", "text.txt.gz", "text.jsonl.zst", "text.txt.zst"};
  fuzz::load_and_split(names[data[0] % 4], fuzz::text(data + 1, size - 1));
  return 0;
}
