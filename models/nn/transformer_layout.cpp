#include "models/nn/transformer_layout.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace models {

void check_shape(const TransformerConfig& config) {
  std::string wrong;
  const auto at_least = [&](const char* name, int64_t value, int64_t least) {
    if (value < least)
      wrong += std::string("\n  ") + name + " is " + std::to_string(value) + "; allowed: " + std::to_string(least) +
               " or more";
  };
  at_least("vocabulary", config.vocabulary, 1);
  at_least("context", config.context, 1);
  at_least("layers", config.layers, 1);
  at_least("width", config.width, 1);
  at_least("heads", config.heads, 1);
  at_least("head_size", config.head_size, 0);
  at_least("hidden", config.hidden, 0);
  if (wrong.empty()) {
    if (config.head_size == 0 && config.width % config.heads != 0)
      wrong += "\n  heads is " + std::to_string(config.heads) + "; allowed without a head_size: divisors of width " +
               std::to_string(config.width);
    else if (config.position == Position::rope && config.head_dim() % 2 != 0)
      wrong += "\n  the head size is " + std::to_string(config.head_dim()) + "; allowed with rope: even numbers";
  }
  if (!wrong.empty()) throw std::invalid_argument("impossible transformer:" + wrong);
}

TransformerLayout::TransformerLayout(const TransformerConfig& config) {
  check_shape(config);
  const int64_t C = config.width, F = config.mlp_width(), attention = config.heads * config.head_dim();

  const auto add_norm = [&](const std::string& name) {
    WeightAndBias norm;
    norm.weight = tensors.add(name + ".weight", {C}, TensorRole::norm);
    if (config.norm == Norm::layernorm) norm.bias = tensors.add(name + ".bias", {C}, TensorRole::bias);
    return norm;
  };
  const auto add_linear = [&](const std::vector<std::string>& names, int64_t in, int64_t out) {
    StackedLinear linear;
    linear.count = static_cast<int64_t>(names.size());
    linear.in = in;
    linear.out = out;
    for (size_t i = 0; i < names.size(); ++i)
      linear.parts[i].weight = tensors.add(names[i] + ".weight", {out, in}, TensorRole::hidden);
    if (config.bias)
      for (size_t i = 0; i < names.size(); ++i)
        linear.parts[i].bias = tensors.add(names[i] + ".bias", {out}, TensorRole::bias);
    return linear;
  };

  embed = tensors.add("embed.weight", {config.vocabulary, C}, TensorRole::embedding);
  if (config.position == Position::learned)
    position = tensors.add("position.weight", {config.context, C}, TensorRole::embedding);
  for (int64_t i = 0; i < config.layers; ++i) {
    const std::string block = "blocks." + std::to_string(i) + ".", attn = block + "attn.", mlp = block + "mlp.";
    Layer layer;
    layer.attn_norm = add_norm(block + "attn_norm");
    layer.qkv = add_linear({attn + "q", attn + "k", attn + "v"}, C, attention);
    layer.o = add_linear({attn + "o"}, attention, C);
    layer.mlp_norm = add_norm(block + "mlp_norm");
    if (config.activation == Activation::swiglu)
      layer.up = add_linear({mlp + "gate", mlp + "up"}, C, F);
    else
      layer.up = add_linear({mlp + "up"}, C, F);
    layer.down = add_linear({mlp + "down"}, F, C);
    layers.push_back(layer);
  }
  final_norm = add_norm("final_norm");
  head = config.tie_embeddings ? embed : tensors.add("head.weight", {config.vocabulary, C}, TensorRole::head);
}

void initialise_transformer(const TransformerConfig& config, const ParamLayout& tensors, std::span<float> params,
                            const RandomSource& random) {
  std::fill(params.begin(), params.end(), 0.0f);
  const double residual_scale = 1 / std::sqrt(2.0 * static_cast<double>(config.layers));
  uint64_t entity = 0;
  for (const TensorSpec& tensor : tensors.tensors()) {
    float* const values = params.data() + tensor.offset;
    if (tensor.name.ends_with("norm.weight"))
      std::fill_n(values, tensor.size, 1.0f);
    else if (!tensor.name.ends_with(".bias")) {
      const bool writes_residual = tensor.name.ends_with("attn.o.weight") || tensor.name.ends_with("mlp.down.weight");
      const double deviation = writes_residual ? 0.02 * residual_scale : 0.02;
      for (size_t i = 0; i < tensor.size; ++i) values[i] = static_cast<float>(deviation * random.normal(entity, i));
    }
    ++entity;
  }
}

}  // namespace models
