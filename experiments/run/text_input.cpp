#include "experiments/run/text_input.h"

#include "experiments/config/experiment_config.h"
#include "experiments/config/parse.h"

namespace experiments {

TextInput read_text_input(const RunConfig& run) {
  const auto& data = std::get<TextData>(run.data);
  models::Corpus corpus = models::load_corpus(data.corpus, data.on_bad_line);
  TextInput input;
  input.corpus_hash = corpus.hash();
  // How many tokens a text has is known only when it is split, because tokenizers are trained on its training part; a
  // SentencePiece token has some four bytes.
  const size_t bytes_per_token = std::holds_alternative<ByteTokenizer>(data.tokenizer) ? 1 : 4;
  const size_t smallest = bytes_per_token * static_cast<size_t>(run.context() + 1);
  models::SplitCorpus split = models::split(std::move(corpus), data.validation_fraction, smallest);
  input.domains = std::move(split.domains);
  input.inventory = std::move(split.inventory);
  if (input.inventory.pooled > 0) input.pooled_below = smallest;
  for (const models::SplitDomain& domain : input.domains)
    input.inventory.unvalidated += !domain.pooled && !has_window(domain.validation.size(), run.context());
  return input;
}

std::string text_key(const RunConfig& run) {
  TextData data = std::get<TextData>(run.data);
  data.shards = {};
  data.batch_order = {};
  return written(data).dump() + " " + std::to_string(run.context());
}

bool has_window(size_t tokens, int64_t context) { return tokens > static_cast<size_t>(context); }

}  // namespace experiments
