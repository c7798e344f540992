#include "experiments/report/read_run.h"
#include "experiments/report/writers.h"
#include "tests/fuzz/fuzz.h"

using namespace experiments;

/// A run's summary.json, metrics.jsonl and updates.jsonl, form feeds between them.
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string rest = fuzz::text(data, size);
  std::filesystem::path place;
  for (const char* name : {"summary.json", "metrics.jsonl", "updates.jsonl"}) {
    const size_t end = rest.find('\f');
    place = fuzz::file(name, rest.substr(0, end)).parent_path();
    rest.erase(0, end == std::string::npos ? end : end + 1);
  }
  try {
    const RunFiles written = run_files(read_run(place));
    fuzz::file("summary.json", written.summary);
    fuzz::file("metrics.jsonl", written.metrics);
    fuzz::file("updates.jsonl", written.updates);
    const RunFiles again = run_files(read_run(place));
    fuzz::require(
        again.summary == written.summary && again.metrics == written.metrics && again.updates == written.updates,
        "a run that is read and written is the same when read again");
  } catch (const InvalidResults&) {
  }
  return 0;
}
