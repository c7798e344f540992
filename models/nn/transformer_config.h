#pragma once
#include <cstdint>

namespace models {

enum class Norm { rmsnorm, layernorm };
enum class Position { rope, learned };
enum class Activation { gelu, swiglu, relu };

/// Shape and choices of the decoder; defaults as in docs/model.md.
struct TransformerConfig {
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

}  // namespace models
