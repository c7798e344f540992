#pragma once
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "models/nn/peak.h"
#include "models/nn/transformer.h"
#include "models/nn/transformer_config.h"
#include "models/train/inner_optimizer.h"
#include "tests/models/nn/draws.h"

namespace bench {

/// A model and a batch, whose whole training steps are timed: the reference works, and the presets of experiment files.
struct Work {
  std::string name;
  models::TransformerConfig config;
  int64_t sequences;
};

inline std::vector<Work> works() {
  models::TransformerConfig gpt2;
  gpt2.norm = models::Norm::layernorm;
  gpt2.position = models::Position::learned;
  gpt2.bias = true;
  gpt2.tie_embeddings = false;
  models::TransformerConfig a = gpt2, b = gpt2, quick = gpt2;
  a.tie_embeddings = b.tie_embeddings = true;  // 0.84 M and 13 M parameters
  a.layers = 4;
  a.width = 128;
  a.heads = 4;
  a.context = 128;
  a.vocabulary = 256;
  b.layers = 6;
  b.width = 256;
  b.heads = 4;
  b.context = 256;
  b.vocabulary = 32000;
  quick.layers = 2;
  quick.width = 64;
  quick.heads = 2;
  quick.context = 64;
  quick.vocabulary = 256;
  std::vector<Work> all{{"A", a, 8}, {"B", b, 8}, {"quick", quick, 8}};
  for (const auto& [name, config] : models::model_presets()) all.push_back({std::string(name), config, 8});
  return all;
}

/// One worker's training on random tokens: forward, backward, AdamW.
class Training {
 public:
  explicit Training(const Work& work, uint64_t seed = 1)
      : model_(models::make_transformer(work.config)),
        workspace_(model_->workspace()),
        batch_(models::testing::random_tokens(work.sequences, work.config.context, work.config.vocabulary, seed)),
        params_(model_->layout().size()),
        gradient_(params_.size()) {
    model_->initialise(params_, models::testing::Draws(seed));
  }
  double step() {
    return models::training_step(*model_, models::AdamWConfig{}, 1e-4, params_, batch_, *workspace_, gradient_, state_);
  }
  double loss() { return model_->loss(params_, batch_, *workspace_); }
  void optimize() { models::inner_step(models::AdamWConfig{}, model_->layout(), 1e-4, params_, gradient_, state_); }
  double tokens() const { return static_cast<double>(batch_.inputs.size()); }
  double flops() const { return model_->flops_per_target(batch_.length) * tokens(); }
  const models::Objective& model() const { return *model_; }

 private:
  std::unique_ptr<models::Objective> model_;
  std::unique_ptr<models::Workspace> workspace_;
  models::Batch batch_;
  models::Params params_, gradient_;
  models::OptimizerState state_;
};

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace bench
