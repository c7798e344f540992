#include "experiments/sweep/run_key.h"

#include <fstream>
#include <sstream>

#include "models/input_file.h"
#include "experiments/config/config_fields.h"
#include "experiments/config/json_writer.h"
#include "experiments/config/traces.h"
#include "experiments/run/cache.h"
#include "experiments/run/results_directory.h"
#include "models/data/corpus.h"

namespace experiments {

std::string RunKeys::key(const RunConfig& run, uint64_t seed) {
  RunConfig content = run;
  if (auto* data = std::get_if<TextData>(&content.data)) {
    data->corpus = corpus(*data);
    if (auto* piece = std::get_if<SentencePieceTokenizer>(&data->tokenizer); piece && piece->model)
      piece->model = file(*piece->model);
  }
  if (auto* weights = std::get_if<WeightsStart>(&content.start)) weights->file = file(weights->file);
  for_each_trace(content, [&](const std::string&, std::string& path) { path = file(path); });
  return content_key("straggle run\n" + JsonWriter::write(content).dump() + "\n" + std::to_string(seed) + "\n" +
                     arithmetic_key());
}

const std::string& RunKeys::corpus(const TextData& data) {
  const std::pair place(data.corpus, data.on_bad_line);
  const auto found = corpora_.find(place);
  return found != corpora_.end() ? found->second
                                 : corpora_[place] = models::load_corpus(data.corpus, data.on_bad_line).hash();
}

const std::string& RunKeys::file(const std::string& path) {
  if (const auto found = files_.find(path); found != files_.end()) return found->second;
  if (const std::string reason = models::not_a_file(path); !reason.empty()) throw OutputError(path + ": " + reason);
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (!in || !bytes) throw OutputError(path + ": cannot be read");
  return files_[path] = content_key(bytes.str());
}

}  // namespace experiments
