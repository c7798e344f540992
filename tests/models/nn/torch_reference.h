#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/nn/transformer.h"
#include "tests/support/paths.h"

/// What tests/golden/make_torch_reference.py wrote: a model's shape, tokens and losses as JSON, and its weights.
namespace torch_reference {

using namespace models;
using nlohmann::json;

inline const std::string folder = source_dir() + "/tests/golden/torch/";

inline TransformerConfig config_of(const json& c) {
  TransformerConfig config;
  config.vocabulary = c["vocabulary"];
  config.context = c["context"];
  config.layers = c["layers"];
  config.width = c["width"];
  config.heads = c["heads"];
  config.head_size = c["head_size"];
  config.hidden = c["hidden"];
  config.norm = c["norm"] == "layernorm" ? Norm::layernorm : Norm::rmsnorm;
  config.position = c["position"] == "learned" ? Position::learned : Position::rope;
  config.activation = c["activation"] == "swiglu" ? Activation::swiglu : Activation::gelu;
  config.bias = c["bias"];
  config.tie_embeddings = c["tie_embeddings"];
  return config;
}

inline Batch batch_of(const json& tokens) {
  Batch batch;
  batch.sequences = static_cast<int64_t>(tokens.size());
  batch.length = static_cast<int64_t>(tokens[0].size()) - 1;
  for (const std::vector<int32_t> row : tokens) {
    batch.inputs.insert(batch.inputs.end(), row.begin(), row.end() - 1);
    batch.targets.insert(batch.targets.end(), row.begin() + 1, row.end());
  }
  return batch;
}

}  // namespace torch_reference
