#include "models/nn/decoder_buffers.h"

namespace models {

template <class S>
void DecoderBuffers<S>::carve(const TransformerConfig& config, const AttentionShape& shape, bool backward) {
  arena_.carve([&] { place(config, shape, backward); });
}

template <class S>
size_t DecoderBuffers<S>::bytes(const TransformerConfig& config, const AttentionShape& shape) {
  DecoderBuffers buffers;
  return buffers.arena_.measure([&] { buffers.place(config, shape, true); });
}

template <class S>
void DecoderBuffers<S>::place(const TransformerConfig& config, const AttentionShape& shape, bool backward) {
  const int64_t N = shape.sequences * shape.length, C = config.width, F = config.mlp_width(), attention = shape.width();
  const bool gated = config.activation == Activation::swiglu;
  const HeadTiles tiles(N, config.vocabulary);
  const auto scalars = [&](int64_t count) { return arena_.template take<S>(count); };
  const auto matrix = [&](int64_t rows, int64_t columns) { return Tensor<S>(scalars(rows * columns), rows, columns); };
  const auto per_row = [&] { return PerRow<S>(scalars(N), N); };

  layers.clear();
  layers.reserve(static_cast<size_t>(config.layers));
  const auto layer = [&] {
    const Tensor<S> hidden = matrix(N, F * (gated ? 2 : 1));
    return SavedLayer<S>{
        .x = matrix(N, C),
        .mean1 = per_row(),
        .scale1 = per_row(),
        .normed1 = matrix(N, C),
        .qkv = matrix(N, 3 * attention),
        .probabilities = scalars(backward ? shape.sequences * shape.heads * shape.kept_per_head() : shape.block_size()),
        .y = matrix(N, attention),
        .x_mid = matrix(N, C),
        .mean2 = per_row(),
        .scale2 = per_row(),
        .normed2 = matrix(N, C),
        .hidden = hidden,
        .active = backward || gated ? matrix(N, F) : hidden};
  };
  for (int64_t i = 0; i < config.layers; ++i) layers.push_back(backward || i == 0 ? layer() : layers[0]);
  const SavedLayer<S>& reused = layers[0];
  end.emplace(backward ? SavedEnd<S>{matrix(N, C), per_row(), per_row(), matrix(N, C)}
                       : SavedEnd<S>{reused.x, reused.mean1, reused.scale1, reused.normed1});
  head.emplace(HeadBuffers<S>{.tops = matrix(tiles.count, tiles.rows),
                              .sums = matrix(tiles.count, tiles.rows),
                              .of_target = PerRow<S>(scalars(tiles.rows), tiles.rows),
                              .logits = scalars(tiles.logits(backward))});
  gradients.reset();
  if (backward)
    gradients.emplace(Gradients<S>{.dx = matrix(N, C),
                                   .dnormed = matrix(N, C),
                                   .dactive = matrix(N, F),
                                   .dqkv = matrix(N, 3 * attention),
                                   .dy = matrix(N, attention),
                                   .dscores = scalars(shape.block_size())});
}

template struct DecoderBuffers<float>;
template struct DecoderBuffers<double>;

}  // namespace models
