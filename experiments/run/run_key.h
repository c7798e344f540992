#pragma once
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "experiments/config/json_reader.h"
#include "models/data/corpus.h"

namespace experiments {

struct ExperimentConfig;
struct RunConfig;

/// What decides the result of a run: the resolved settings, the contents of the files they name (corpus, weights,
/// tokenizer, traces; not their paths), the seed and the program. Two runs of which that is the same leave the same
/// bytes; a run is named by it, and goes on only from a checkpoint of the same. Reads each file once. Thread-safe.
class RunKeys {
 public:
  /// `corpus`: the hash of a corpus, where somebody has read it already.
  explicit RunKeys(std::function<std::string(const RunConfig&)> corpus = {}) : corpus_hash_(std::move(corpus)) {}

  /// With what multiplies matrices (arithmetic_key). Throws models::CorpusError or OutputError for a file that cannot
  /// be read.
  std::string key(const RunConfig&, uint64_t seed);
  /// The same by name: program, seed, run (with contents in place of paths), and the paths at /inputs.
  Json identity(const RunConfig&, uint64_t seed);
  /// Of a whole experiment: program, experiment, methods (each with name, run, inputs).
  Json identity(const ExperimentConfig&);

 private:
  /// The run with contents in place of paths, which go to `inputs`.
  Json contents(const RunConfig&, Json& inputs);
  const std::string& corpus(const RunConfig&);
  const std::string& file(const std::string& path);

  std::function<std::string(const RunConfig&)> corpus_hash_;
  std::mutex mutex_;
  std::map<std::pair<std::string, models::OnBadLine>, std::string> corpora_;
  std::map<std::string, std::string> files_;
};

/// The first thing that two identities have otherwise, paths aside: "/run/inner/beta1: 0.9 is stored, 0.8 was found";
/// "the content of speeds.csv (/run/workers/0/speed/file) has changed"; "" where they are the same.
std::string changed_part(const Json& stored, const Json& now);

}  // namespace experiments
