#include "models/nn/decoder_buffers.h"

#include "models/nn/head.h"

namespace models {

template <class S>
void DecoderBuffers<S>::carve(const TransformerConfig& config, const AttentionShape& shape, bool backward) {
  layers.resize(static_cast<size_t>(config.layers));
  arena_.measure();
  place(config, shape, backward);
  arena_.allocate();
  place(config, shape, backward);
}

template <class S>
void DecoderBuffers<S>::place(const TransformerConfig& config, const AttentionShape& shape, bool backward) {
  const int64_t N = shape.sequences * shape.length, C = config.width, F = config.mlp_width(), attention = shape.width();
  const bool gated = config.activation == Activation::swiglu;
  const auto take = [&](int64_t count) { return arena_.template take<S>(count); };

  for (size_t i = 0; i < layers.size(); ++i) {
    SavedLayer<S>& layer = layers[i];
    if (!backward && i > 0) {
      layer = layers[0];
      continue;
    }
    layer.x = take(N * C);
    layer.mean1 = take(N);
    layer.scale1 = take(N);
    layer.normed1 = take(N * C);
    layer.qkv = take(N * 3 * attention);
    layer.probabilities = take(backward ? shape.sequences * shape.heads * shape.kept_per_head() : shape.block_size());
    layer.y = take(N * attention);
    layer.x_mid = backward ? take(N * C) : layer.x;
    layer.mean2 = take(N);
    layer.scale2 = take(N);
    layer.normed2 = take(N * C);
    layer.hidden = take(N * F * (gated ? 2 : 1));
    layer.active = backward || gated ? take(N * F) : layer.hidden;
  }
  last = layers[0];
  if (backward) {
    last.x = take(N * C);
    last.mean1 = take(N);
    last.scale1 = take(N);
    last.normed1 = take(N * C);
  }
  delta = take(N * C);
  head = take(HeadTiles(N, config.vocabulary).scratch(backward));
  if (!backward) return;
  dx = take(N * C);
  dnormed = delta;  // a sublayer's addition is used up before any gradient is known
  dactive = take(N * F);
  dqkv = take(N * 3 * attention);
  dy = take(N * attention);
  scores = take(shape.block_size());
}

template struct DecoderBuffers<float>;
template struct DecoderBuffers<double>;

}  // namespace models
