#pragma once
#include <map>
#include <string>
#include <utility>

#include "experiments/config/experiment_config.h"

namespace experiments {

/// Names runs by what decides their result: the resolved settings, the contents of the files they name (corpus,
/// weights, tokenizer, traces; not their paths), the seed and the program. Two runs with one key leave the same bytes.
/// Reads each file once.
class RunKeys {
 public:
  /// Throws models::CorpusError or OutputError for a file that cannot be read.
  std::string key(const RunConfig&, uint64_t seed);

 private:
  const std::string& corpus(const TextData&);
  const std::string& file(const std::string& path);

  std::map<std::pair<std::string, models::OnBadLine>, std::string> corpora_;
  std::map<std::string, std::string> files_;
};

}  // namespace experiments
