#pragma once
#include <span>
#include <vector>

#include "models/nn/linear.h"
#include "models/nn/transformer_config.h"
#include "models/params.h"
#include "models/random_source.h"

namespace models {

/// Throws std::invalid_argument that lists everything impossible about the shape.
void check_shape(const TransformerConfig& config);

/// Where each tensor of docs/model.md lies in the flat vector. q, k and v follow one another, as do gate and up, so
/// that one product can do them together.
struct TransformerLayout {
  explicit TransformerLayout(const TransformerConfig& config);

  struct Layer {
    WeightAndBias attn_norm;
    StackedLinear qkv;
    StackedLinear o;
    WeightAndBias mlp_norm;
    StackedLinear up;  ///< gate | up for swiglu
    StackedLinear down;
  };
  ParamLayout tensors;
  size_t embed = absent;
  size_t position = absent;
  std::vector<Layer> layers;
  WeightAndBias final_norm;
  size_t head = absent;  ///< embed's offset when tied
};

/// normal(0, 0.02), O and down scaled by 1/√(2L), norms 1, biases 0. Draws: entity = index of the tensor, counter =
/// element.
void initialise_transformer(const TransformerConfig& config, const ParamLayout& tensors, std::span<float> params,
                            const RandomSource& random);

}  // namespace models
