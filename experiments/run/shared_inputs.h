#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "experiments/run/pretrain.h"
#include "experiments/run/streams.h"
#include "experiments/run/thread_pool.h"
#include "models/data/gaussian_mixture.h"
#include "models/data/inventory.h"
#include "models/data/shards.h"
#include "models/objective.h"

namespace experiments {

struct MixtureData;
struct PretrainedStart;
struct RunConfig;

/// A data section's text as tokens.
struct TokenizedText {
  std::vector<models::TokenizedDomain> domains;
  std::string corpus_hash;
  std::string tokenizer_key;     ///< of the tokenizer's content, wherever it lies
  double bytes_per_token = 1.0;  ///< of the validation text
  models::CorpusInventory inventory;
};

/// One seed's shards and the randomness of their batch order.
struct ShardSet {
  std::shared_ptr<const TokenizedText> text;  ///< of which the shards are made
  std::vector<models::TokenSequence> shards;
  Stream order;
};

/// One seed's points, their shards and the randomness of their batch order.
struct PointSet {
  models::LabelledPoints points;
  std::vector<std::vector<int32_t>> shards;
  Stream order;
};

/// What runs share and never change: text, shards, objectives, starting points; each made once, whoever asks first.
/// Thread-safe. Errors are those of models (CorpusError, TokenizerError, WeightsError, std::invalid_argument).
class SharedInputs {
 public:
  explicit SharedInputs(ThreadPool& pool) : pool_(pool) {}

  /// Makes what all seeds of a run share, so that bad input shows before anything is trained.
  void read_input(const RunConfig&);
  /// What was done with the input read so far that nobody may expect, a line each, its file in front.
  std::vector<std::string> notes() const;
  /// Both of a run on text.
  std::shared_ptr<const TokenizedText> text(const RunConfig&);
  std::shared_ptr<const ShardSet> shards(const RunConfig&, uint64_t seed);
  std::shared_ptr<const PointSet> points(const MixtureData&, uint64_t seed);
  std::shared_ptr<const models::Objective> objective(const RunConfig&);
  /// θ before the first round. Pre-training is cached on disk by everything it depends on.
  std::shared_ptr<const models::Params> start(const RunConfig&, uint64_t seed, const PretrainProgress&);

  /// Lets go of shards and points that no run holds: they are quickly dealt again, and a sweep over data or seeds would
  /// pile them up.
  void forget_unused_shards();

  ThreadPool& pool() { return pool_; }

 private:
  /// The value under `key`, made by `make` if it is the first time. Others who ask meanwhile wait.
  template <class T, class Make>
  std::shared_ptr<const T> once(std::map<std::string, std::shared_ptr<const T>>& store, const std::string& key,
                                Make&& make);
  std::shared_ptr<const models::Params> pretrained(const RunConfig&, const PretrainedStart&, uint64_t seed,
                                                   const PretrainProgress&);

  ThreadPool& pool_;
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<std::mutex>> making_;
  std::map<std::string, std::shared_ptr<const TokenizedText>> texts_;
  std::map<std::string, std::shared_ptr<const ShardSet>> shards_;
  std::map<std::string, std::shared_ptr<const PointSet>> points_;
  std::map<std::string, std::shared_ptr<const models::Objective>> objectives_;
  std::map<std::string, std::shared_ptr<const models::Params>> starts_;
  std::vector<std::string> notes_;
};

}  // namespace experiments
