#pragma once
#include <utility>
#include <vector>

#include "experiments/config/experiment_config.h"
#include "experiments/config/fields.h"

/// The experiment file's keys of data and model.
namespace experiments {

// --- data ---
template <class V>
void fields(V&, ByteTokenizer&) {}
template <class V>
void fields(V& v, SentencePieceTokenizer& c) {
  v.field("model", c.model, not_empty(), "path",
          "A .model file, relative to this file; null: trained on the training text and cached");
  v.field("vocabulary", c.vocabulary, between(300, 1 << 20), "tokens",
          "Vocabulary size V to train; with a given model it must be that model's");
}
template <class V>
void fields(V& v, models::ShardConfig& c) {
  v.field("count", c.count, between(1, 1 << 20), "shards", "Number of data shards");
  v.field(
      "kind", c.kind, any(), "",
      "How the training text is divided: blocks dealt at random, equal cuts, whole domains, Dirichlet over domains");
  v.field("block", c.block, at_least(1), "tokens", "Size of a dealt block (iid, dirichlet)");
  v.field("concentration", c.concentration, above(0), "", "Dirichlet's α: small is strongly non-i.i.d. (dirichlet)");
}
template <class V>
void fields(V& v, TextData& c) {
  v.field("corpus", c.corpus, not_empty().needed(), "path",
          "Directory or one file of text (.txt, .text: a file is a domain) or JSON lines (.jsonl, .json), also .gz and "
          ".zst; relative to this file");
  v.field("tokenizer", c.tokenizer, any(), "", "How text becomes tokens");
  v.field("validation_fraction", c.validation_fraction, between(0.0001, 0.9), "",
          "Share of each domain's bytes kept for validation: its end, where it can be in whole documents");
  v.field("shards", c.shards, any(), "", "How the training tokens are divided");
  v.field("batch_order", c.batch_order, any(), "", "Order of a shard's windows");
  v.field("on_bad_line", c.on_bad_line, any(), "",
          "JSON lines that cannot be read: refuse the corpus, or leave them and repeated documents out and count them");
}
template <class V>
void fields(V& v, PointShards& c) {
  v.field("count", c.count, between(1, 1 << 20), "shards", "Number of data shards; the points are dealt at random");
}
template <class V>
void fields(V& v, MixtureData& c) {
  v.field("classes", c.mixture.classes, between(2, 1 << 16), "", "Classes to tell apart");
  v.field("clusters", c.mixture.clusters, between(1, 1 << 16), "", "Gaussians of a class");
  v.field("dimensions", c.mixture.dimensions, between(1, 1 << 20), "", "D, coordinates of a point");
  v.field("noise", c.mixture.noise, at_least(0), "",
          "Standard deviation of every coordinate around a centre of length 1");
  v.field("points", c.mixture.points, between(1, 1e8), "points", "Training points, drawn afresh for each seed");
  v.field("shards", c.shards, any(), "", "How the points are divided");
}

// --- model ---
/// Named shapes. 20m, 60m, 150m: Liu et al. 2024, Table 6, as `llama`-like decoders.
inline const std::vector<std::pair<std::string_view, models::TransformerConfig>>& model_presets() {
  using namespace models;
  const auto gpt2 = [](int64_t layers, int64_t width, int64_t heads, int64_t context, bool tied) {
    return TransformerConfig{.context = context,
                             .layers = layers,
                             .width = width,
                             .heads = heads,
                             .norm = Norm::layernorm,
                             .position = Position::learned,
                             .activation = Activation::gelu,
                             .bias = true,
                             .tie_embeddings = tied};
  };
  const auto llama = [](int64_t vocabulary, int64_t layers, int64_t width, int64_t heads, int64_t head_size,
                        int64_t context) {
    return TransformerConfig{.vocabulary = vocabulary,
                             .context = context,
                             .layers = layers,
                             .width = width,
                             .heads = heads,
                             .head_size = head_size,
                             .norm = Norm::rmsnorm,
                             .position = Position::rope,
                             .activation = Activation::swiglu,
                             .bias = false,
                             .tie_embeddings = false};
  };
  static const std::vector<std::pair<std::string_view, TransformerConfig>> presets{
      {"tiny", gpt2(2, 64, 2, 64, false)},         {"small", gpt2(4, 128, 4, 128, false)},
      {"gpt2", gpt2(4, 128, 4, 128, true)},        {"llama", llama(256, 4, 128, 4, 0, 128)},
      {"20m", llama(32000, 6, 256, 4, 64, 256)},   {"60m", llama(32000, 3, 896, 16, 64, 256)},
      {"150m", llama(32000, 12, 896, 16, 64, 256)}};
  return presets;
}
template <class V>
void fields(V& v, models::TransformerConfig& c) {
  v.preset(c, model_presets());
  v.field("vocabulary", c.vocabulary, between(2, 1 << 20), "tokens", "V; must be the tokenizer's");
  v.field("context", c.context, between(1, 1 << 16), "tokens", "T, the sequence length");
  v.field("layers", c.layers, between(1, 1024), "", "L, number of blocks");
  v.field("width", c.width, between(1, 1 << 16), "", "C, width of the residual stream");
  v.field("heads", c.heads, between(1, 1024), "", "h, attention heads");
  v.field("head_size", c.head_size, between(0, 1 << 16), "", "d, size of a head; 0: width / heads");
  v.field("hidden", c.hidden, between(0, 1 << 20), "", "F, width of the MLP's hidden layer; 0: 4 × width");
  v.field("norm", c.norm, any(), "", "Normalisation in front of attention, MLP and head");
  v.field("position", c.position, any(), "", "Position encoding");
  v.field("activation", c.activation, any(), "", "MLP activation");
  v.field("bias", c.bias, any(), "", "Biases on the blocks' linear layers");
  v.field("tie_embeddings", c.tie_embeddings, any(), "", "The head shares the embedding's weight");
}
template <class V>
void fields(V& v, MlpModel& c) {
  v.field("hidden", c.hidden, between(1, 1 << 24), "", "F, hidden units between the data's dimensions and its classes");
}

}  // namespace experiments
