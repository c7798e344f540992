#include "experiments/run/shared_inputs.h"

#include <algorithm>
#include <chrono>

#include "experiments/config/experiment_config.h"
#include "experiments/config/parse.h"
#include "experiments/run/build_model.h"
#include "experiments/run/cache.h"
#include "experiments/run/checkpoint.h"
#include "experiments/run/temporary_directory.h"
#include "experiments/run/text_input.h"
#include "models/weights.h"

namespace experiments {
namespace {

template <class Config>
std::string key_of(const Config& config) {
  return written(config).dump();
}

/// Everything the objective depends on.
std::string objective_key(const RunConfig& run) {
  std::string key = key_of(run.model);
  if (const auto* points = std::get_if<MixtureData>(&run.data))
    key += std::to_string(points->mixture.dimensions) + " " + std::to_string(points->mixture.classes);
  return key;
}

/// All training tokens, domain after domain.
models::TokenSequence joined_training(const TokenizedText& text) {
  models::TokenSequence all;
  for (const auto& domain : text.domains) all.append(domain.training);
  return all;
}

struct KeyedTokenizer {
  std::unique_ptr<models::Tokenizer> tokenizer;
  std::string key;
};

/// A SentencePiece model trained on the training text; found in the cache if it was made before, made again if it is
/// damaged there.
KeyedTokenizer trained_tokenizer(const SentencePieceTokenizer& config, double validation_fraction,
                                 const TextInput& input) {
  const std::string made_from = "sentencepiece " + binary_key() + input.corpus_hash + Json(validation_fraction).dump() +
                                std::to_string(config.vocabulary) + " " + std::to_string(input.pooled_below);
  const auto cache = cache_directory();
  std::optional<TemporaryDirectory> own;
  if (!cache) own.emplace(std::filesystem::temp_directory_path() / "straggle-", "a tokenizer's model");
  const std::filesystem::path model =
      (cache ? *cache : own->path()) / ("tokenizer-" + content_key(made_from) + ".model");
  const auto load = [&] { return KeyedTokenizer{models::load_sentencepiece(model), file_key(model)}; };
  if (std::filesystem::exists(model)) {
    try {
      return load();
    } catch (const models::TokenizerError&) {
    }
  }
  std::vector<std::string_view> texts;
  for (const auto& domain : input.domains) texts.push_back(domain.training);
  models::train_sentencepiece(texts, config.vocabulary, model);
  return load();
}

KeyedTokenizer make_tokenizer(const TextData& config, const TextInput& input) {
  const auto* piece = std::get_if<SentencePieceTokenizer>(&config.tokenizer);
  if (!piece) return {models::make_byte_tokenizer(), "bytes"};
  if (piece->model) return {models::load_sentencepiece(*piece->model), file_key(*piece->model)};
  return trained_tokenizer(*piece, config.validation_fraction, input);
}

/// Where a long pre-training stands, every few minutes and when it is stopped, so that the next attempt goes on.
class PretrainCheckpoints {
 public:
  explicit PretrainCheckpoints(std::filesystem::path directory) : directory_(std::move(directory)) {}

  bool load(PretrainState& state) const {
    std::string damage;
    auto found = newest_checkpoint(directory_, damage);
    if (!found) return false;
    const size_t size = state.params.size();
    state.steps = found->state.at("steps").get<int64_t>();
    state.params = found->floats("params", size);
    state.optimizer.steps = found->state.at("optimizer_steps").get<int64_t>();
    if (found->has("first")) state.optimizer.first = found->floats("first", size);
    if (found->has("second")) state.optimizer.second = found->floats("second", size);
    return true;
  }
  /// A cache that cannot be written costs time, not results.
  void keep(const PretrainState& state, bool last) {
    const auto now = std::chrono::steady_clock::now();
    if (!last && now - kept_ < kCheckpointInterval) return;
    kept_ = now;
    CheckpointWriter out;
    out.state = {{"steps", state.steps}, {"optimizer_steps", state.optimizer.steps}};
    out.add("params", state.params);
    out.add("first", state.optimizer.first);
    out.add("second", state.optimizer.second);
    try {
      out.write(directory_);
    } catch (const std::exception&) {
    }
  }
  void remove() const {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

 private:
  std::filesystem::path directory_;
  std::chrono::steady_clock::time_point kept_ = std::chrono::steady_clock::now();
};

}  // namespace

template <class T, class Make>
std::shared_ptr<const T> SharedInputs::once(std::map<std::string, std::shared_ptr<const T>>& store,
                                            const std::string& key, Make&& make) {
  std::mutex* making;
  {
    const std::lock_guard lock(mutex_);
    auto& mutex = making_[std::string(typeid(T).name()) + key];
    if (!mutex) mutex = std::make_unique<std::mutex>();
    making = mutex.get();
  }
  const std::lock_guard one_at_a_time(*making);
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = store.find(key); it != store.end()) return it->second;
  }
  std::shared_ptr<const T> made = make();
  const std::lock_guard lock(mutex_);
  return store[key] = std::move(made);
}

void SharedInputs::read_input(const RunConfig& run) {
  objective(run);
  if (std::holds_alternative<TextData>(run.data)) text(run);
  if (std::holds_alternative<WeightsStart>(run.start)) start(run, 0, {});
}

std::vector<std::string> SharedInputs::notes() const {
  const std::lock_guard lock(mutex_);
  return notes_;
}

std::shared_ptr<const TokenizedText> SharedInputs::text(const RunConfig& run) {
  const auto& config = std::get<TextData>(run.data);
  return once(texts_, text_key(run), [&] {
    TextInput input = read_text_input(run);
    const auto [tokenizer, key] = make_tokenizer(config, input);
    if (const auto* piece = std::get_if<SentencePieceTokenizer>(&config.tokenizer);
        piece && tokenizer->vocabulary() != piece->vocabulary)
      throw models::TokenizerError("the sentencepiece model has " + std::to_string(tokenizer->vocabulary()) +
                                   " pieces, but /data/tokenizer/vocabulary is " + std::to_string(piece->vocabulary));
    auto text = std::make_shared<TokenizedText>();
    text->domains = models::tokenize(std::move(input.domains), *tokenizer);
    text->corpus_hash = input.corpus_hash;
    text->tokenizer_key = key;
    text->inventory = std::move(input.inventory);
    text->inventory.unvalidated = 0;
    double bytes = 0, tokens = 0;
    for (const auto& domain : text->domains) {
      text->inventory.tokens += domain.training.size() + domain.validation.size();
      text->inventory.unvalidated += !domain.pooled && !has_window(domain.validation.size(), run.context());
      bytes += static_cast<double>(domain.validation_bytes);
      tokens += static_cast<double>(domain.validation.size());
    }
    text->bytes_per_token = tokens > 0 ? bytes / tokens : 1.0;
    return std::shared_ptr<const TokenizedText>(text);
  });
}

std::shared_ptr<const ShardSet> SharedInputs::shards(const RunConfig& run, uint64_t seed) {
  const auto& data = std::get<TextData>(run.data);
  const int64_t context = run.context();
  const auto tokens = text(run);
  const auto fits = [&](const models::TokenizedDomain& domain) {
    return has_window(domain.validation.size(), context);
  };
  if (std::none_of(tokens->domains.begin(), tokens->domains.end(), fits))
    throw models::CorpusError(
        data.corpus + ": neither a domain's validation text nor all small domains' together has one window of " +
        std::to_string(context + 1) +
        " tokens; more text, a larger /data/validation_fraction or a shorter /model/context is needed");
  const std::string key = key_of(data) + std::to_string(context) + " " + std::to_string(seed);
  return once(shards_, key, [&] {
    try {
      return std::shared_ptr<const ShardSet>(std::make_shared<ShardSet>(
          ShardSet{tokens, models::make_shards(tokens->domains, data.shards, context, Stream(seed, "shards")),
                   Stream(seed, "batch order")}));
    } catch (const models::CorpusError& error) {
      throw models::CorpusError("/data/shards: " + std::string(error.what()));
    }
  });
}

std::shared_ptr<const PointSet> SharedInputs::points(const MixtureData& data, uint64_t seed) {
  return once(points_, key_of(data) + " " + std::to_string(seed), [&] {
    return std::shared_ptr<const PointSet>(std::make_shared<PointSet>(
        PointSet{models::draw_points(data.mixture, Stream(seed, "gaussian mixture")),
                 models::deal_points(data.mixture.points, data.shards.count, Stream(seed, "shards")),
                 Stream(seed, "batch order")}));
  });
}

void SharedInputs::forget_unused_shards() {
  const std::lock_guard lock(mutex_);
  std::erase_if(points_, [](const auto& entry) { return entry.second.use_count() == 1; });
  std::erase_if(shards_, [](const auto& entry) { return entry.second.use_count() == 1; });
}

std::shared_ptr<const models::Objective> SharedInputs::objective(const RunConfig& run) {
  return once(objectives_, objective_key(run),
              [&] { return std::shared_ptr<const models::Objective>(build_objective(run)); });
}

std::shared_ptr<const models::Params> SharedInputs::start(const RunConfig& run, uint64_t seed,
                                                          const PretrainProgress& progress) {
  const auto model = objective(run);
  models::Params fresh(model->layout().size());
  if (const auto* weights = std::get_if<WeightsStart>(&run.start)) {
    return once(starts_, weights->file + objective_key(run), [&] {
      const std::vector<std::string> notes = models::load_weights(weights->file, model->layout(), fresh);
      const std::lock_guard lock(mutex_);
      for (const std::string& note : notes) notes_.push_back(weights->file + ": " + note);
      return std::make_shared<const models::Params>(std::move(fresh));
    });
  }
  if (const auto* config = std::get_if<PretrainedStart>(&run.start)) return pretrained(run, *config, seed, progress);
  return once(starts_, "fresh " + objective_key(run) + std::to_string(seed), [&] {
    model->initialise(fresh, Stream(seed, "initial weights"));
    return std::make_shared<const models::Params>(std::move(fresh));
  });
}

std::shared_ptr<const models::Params> SharedInputs::pretrained(const RunConfig& run, const PretrainedStart& config,
                                                               uint64_t seed, const PretrainProgress& progress) {
  const auto tokens = text(run);
  const auto model = objective(run);
  TextData data = std::get<TextData>(run.data);
  data.shards = {};
  data.corpus = tokens->corpus_hash;
  data.tokenizer = ByteTokenizer{};  // its key says what it is
  const std::string made_from = arithmetic_key() + objective_key(run) + key_of(data) + tokens->tokenizer_key +
                                key_of(config) + std::to_string(seed);
  return once(starts_, made_from, [&] {
    models::Params params(model->layout().size());
    const auto directory = cache_directory();
    std::optional<PretrainCheckpoints> checkpoints;
    if (directory) checkpoints.emplace(*directory / ("pretraining-" + content_key(made_from)));
    const std::filesystem::path file =
        directory.value_or("") / ("pretrained-" + content_key(made_from) + ".safetensors");
    if (directory && std::filesystem::exists(file)) {
      try {
        models::load_weights(file, model->layout(), params);
        checkpoints->remove();  // of who was killed just after writing the file
        return std::make_shared<const models::Params>(std::move(params));
      } catch (const models::WeightsError&) {  // a damaged cache is made again
      }
    }
    PretrainState state{.steps = 0, .params = std::move(params), .optimizer = {}};
    if (!checkpoints || !checkpoints->load(state)) model->initialise(state.params, Stream(seed, "initial weights"));
    pretrain(*model, config, joined_training(*tokens), run.context(), Stream(seed, "pretraining order"), pool_,
             progress, state,
             checkpoints ? [&](const PretrainState& at, bool last) { checkpoints->keep(at, last); } : PretrainKeeper());
    params = std::move(state.params);
    if (directory) {
      try {
        models::save_weights(file, model->layout(), params, {{"straggle", "pretrained start"}});
        checkpoints->remove();           // only now that its result is safe
      } catch (const std::exception&) {  // a cache that cannot be written costs time, not results
      }
    }
    return std::make_shared<const models::Params>(std::move(params));
  });
}

}  // namespace experiments
