#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace models {

enum class Norm { rmsnorm, layernorm };
enum class Position { rope, learned };
enum class Activation { gelu, swiglu, relu };
constexpr auto names_of(Norm) {
  return std::array{std::pair{Norm::rmsnorm, "rmsnorm"}, std::pair{Norm::layernorm, "layernorm"}};
}
constexpr auto names_of(Position) {
  return std::array{std::pair{Position::rope, "rope"}, std::pair{Position::learned, "learned"}};
}
constexpr auto names_of(Activation) {
  return std::array{std::pair{Activation::gelu, "gelu"}, std::pair{Activation::swiglu, "swiglu"},
                    std::pair{Activation::relu, "relu"}};
}

/// Shape and choices of the decoder; defaults as in docs/model.md.
struct TransformerConfig {
  static constexpr std::string_view kind = "transformer";
  int64_t vocabulary = 256;  ///< V
  int64_t context = 64;      ///< T, the longest sequence
  int64_t layers = 2;        ///< L
  int64_t width = 64;        ///< C
  int64_t heads = 2;         ///< h
  int64_t head_size = 0;     ///< d; 0 means C / h
  int64_t hidden = 0;        ///< F; 0 means 4 C
  Norm norm = Norm::rmsnorm;
  Position position = Position::rope;
  Activation activation = Activation::gelu;
  bool bias = false;
  bool tie_embeddings = true;

  int64_t head_dim() const { return head_size ? head_size : width / heads; }
  int64_t mlp_width() const { return hidden ? hidden : 4 * width; }
};

/// Named shapes. 20m, 60m, 150m: Liu et al. 2024, Table 6, as `llama`-like decoders.
inline const std::vector<std::pair<std::string_view, TransformerConfig>>& model_presets() {
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
void fields(V& v, TransformerConfig& c) {
  v.preset(c, model_presets());
  v.field("vocabulary", c.vocabulary, V::between(2, 1 << 20), "tokens", "V; must be the tokenizer's");
  v.field("context", c.context, V::between(1, 1 << 16), "tokens", "T, the sequence length");
  v.field("layers", c.layers, V::between(1, 1024), "", "L, number of blocks");
  v.field("width", c.width, V::between(1, 1 << 16), "", "C, width of the residual stream");
  v.field("heads", c.heads, V::between(1, 1024), "", "h, attention heads");
  v.field("head_size", c.head_size, V::between(0, 1 << 16), "", "d, size of a head; 0: width / heads");
  v.field("hidden", c.hidden, V::between(0, 1 << 20), "", "F, width of the MLP's hidden layer; 0: 4 × width");
  v.field("norm", c.norm, V::any(), "", "Normalisation in front of attention, MLP and head");
  v.field("position", c.position, V::any(), "", "Position encoding");
  v.field("activation", c.activation, V::any(), "", "MLP activation");
  v.field("bias", c.bias, V::any(), "", "Biases on the blocks' linear layers");
  v.field("tie_embeddings", c.tie_embeddings, V::any(), "", "The head shares the embedding's weight");
}

}  // namespace models
