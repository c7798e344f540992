#include "models/nn/decoder.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "models/nn/activation.h"

namespace models {

template <class S>
Decoder<S>::Decoder(const TransformerConfig& config) : config_(config), layout_(config) {
  if (config.position != Position::rope) return;
  const int64_t d = config.head_dim();
  rope_.resize(config.context, d);
  for (int64_t t = 0; t < config.context; ++t)
    for (int64_t j = 0; j < d / 2; ++j) {
      const double angle =
          static_cast<double>(t) * std::pow(10000.0, -2.0 * static_cast<double>(j) / static_cast<double>(d));
      rope_(t, j) = static_cast<S>(std::cos(angle));
      rope_(t, d / 2 + j) = static_cast<S>(std::sin(angle));
    }
}

template <class S>
void Decoder<S>::check(const Batch& batch) const {
  const size_t count = static_cast<size_t>(batch.sequences) * static_cast<size_t>(batch.length);
  if (batch.sequences < 1 || batch.length < 1 || batch.length > config_.context)
    throw std::invalid_argument("batch of " + std::to_string(batch.sequences) + " sequences of " +
                                std::to_string(batch.length) + " tokens; allowed: at least one, of 1 to " +
                                std::to_string(config_.context) + " tokens");
  if (batch.inputs.size() != count || batch.targets.size() != count)
    throw std::invalid_argument("batch has " + std::to_string(batch.inputs.size()) + " inputs and " +
                                std::to_string(batch.targets.size()) + " targets; its shape needs " +
                                std::to_string(count));
  for (const std::vector<int32_t>* tokens : {&batch.inputs, &batch.targets}) {
    const auto [low, high] = std::minmax_element(tokens->begin(), tokens->end());
    if (*low < 0 || *high >= config_.vocabulary)
      throw std::invalid_argument("batch has token " + std::to_string(*low < 0 ? *low : *high) + "; allowed: 0 to " +
                                  std::to_string(config_.vocabulary - 1));
  }
}

template <class S>
RowNorm<S> Decoder<S>::norm(const WeightAndBias& place, const S* params) const {
  const int64_t C = config_.width;
  return {config_.norm == Norm::layernorm, place.weight_in(params, C), place.bias_in(params, C)};
}

template <class S>
void Decoder<S>::norm_backward(const WeightAndBias& place, const S* params, const ConstRows<S>& x,
                               const PerRow<S>& mean, const PerRow<S>& scale, Gradients<S>& d, S* gradient) const {
  const int64_t C = config_.width;
  norm(place, params)
      .backward(x, mean, scale, d.dnormed, d.dx, place.weight_in(gradient, C), place.bias_in(gradient, C));
}

template <class S>
double Decoder<S>::loss(const S* params, const Batch& batch, DecoderBuffers<S>& buffers, S* gradient, S* losses) const {
  check(batch);
  const AttentionShape shape{batch.sequences, batch.length, config_.heads, config_.head_dim()};
  const int64_t C = config_.width, V = config_.vocabulary;
  const bool backward = gradient != nullptr;
  buffers.carve(config_, shape, backward);
  const size_t L = layout_.layers.size();
  SavedEnd<S>& end = *buffers.end;

  embed(params, batch, buffers.layers[0].x);
  for (size_t i = 0; i < L; ++i)
    forward_layer(params, shape, layout_.layers[i], buffers.layers[i], i + 1 < L ? buffers.layers[i + 1].x : end.x,
                  backward);
  norm(layout_.final_norm, params).forward(end.x, end.normed, end.mean, end.scale);

  const Weight<const S> head(params + layout_.head, V, C);
  if (!backward) return head_and_loss<S>({end.normed, head, batch.targets.data(), losses}, *buffers.head);
  Gradients<S>& d = *buffers.gradients;
  const double mean_loss = head_and_loss<S>(
      {end.normed, head, batch.targets.data(), losses, &d.dnormed, gradient + layout_.head}, *buffers.head);

  clear_all_but_matrices(layout(), gradient);
  d.dx.setZero();
  norm_backward(layout_.final_norm, params, end.x, end.mean, end.scale, d, gradient);
  for (size_t i = L; i-- > 0;) backward_layer(params, shape, layout_.layers[i], buffers.layers[i], d, gradient);
  embed_backward(batch, d.dx, gradient);
  return mean_loss;
}

template <class S>
void Decoder<S>::forward_layer(const S* params, const AttentionShape& shape, const Layer& layer, SavedLayer<S>& saved,
                               Rows<S> x_next, bool keep) const {
  // x_mid = x + O·attention(rope(q, k, v of norm(x)))
  norm(layer.attn_norm, params).forward(saved.x, saved.normed1, saved.mean1, saved.scale1);
  layer.qkv.forward<S>(params, saved.normed1, saved.qkv);
  if (config_.position == Position::rope) rope<S>(shape, rope_, saved.qkv, false);
  attention_forward<S>(shape, saved.qkv, saved.y, saved.probabilities, keep);
  layer.o.forward<S>(params, saved.y, saved.x_mid);
  saved.x_mid += saved.x;

  // x_next = x_mid + down·active(up·norm(x_mid))
  norm(layer.mlp_norm, params).forward(saved.x_mid, saved.normed2, saved.mean2, saved.scale2);
  layer.up.forward<S>(params, saved.normed2, saved.hidden);
  activation_forward<S>(config_.activation, saved.hidden, saved.active, keep);
  layer.down.forward<S>(params, saved.active, x_next);
  x_next += saved.x_mid;
}

template <class S>
void Decoder<S>::backward_layer(const S* params, const AttentionShape& shape, const Layer& layer, SavedLayer<S>& saved,
                                Gradients<S>& d, S* gradient) const {
  // x_next = x_mid + down·active(up·norm(x_mid))
  layer.down.backward<S>(params, gradient, saved.active, d.dx, d.dactive);
  activation_backward<S>(saved.hidden, d.dactive);
  layer.up.backward<S>(params, gradient, saved.normed2, saved.hidden, d.dnormed);
  norm_backward(layer.mlp_norm, params, saved.x_mid, saved.mean2, saved.scale2, d, gradient);

  // x_mid = x + O·attention(rope(q, k, v of norm(x)))
  layer.o.backward<S>(params, gradient, saved.y, d.dx, d.dy);
  attention_backward<S>(shape, saved.qkv, saved.y, saved.probabilities, d.dy, d.dqkv, d.dscores);
  if (config_.position == Position::rope) rope<S>(shape, rope_, d.dqkv, true);
  layer.qkv.backward<S>(params, gradient, saved.normed1, d.dqkv, d.dnormed);
  norm_backward(layer.attn_norm, params, saved.x, saved.mean1, saved.scale1, d, gradient);
}

template <class S>
void Decoder<S>::embed(const S* params, const Batch& batch, Rows<S> x) const {
  const int64_t C = config_.width;
  const Weight<const S> tokens(params + layout_.embed, config_.vocabulary, C);
  for (int64_t n = 0; n < x.rows(); ++n) x.row(n) = tokens.row(batch.inputs[static_cast<size_t>(n)]);
  if (config_.position != Position::learned) return;
  const Weight<const S> positions(params + layout_.position, config_.context, C);
  for (int64_t n = 0; n < x.rows(); ++n) x.row(n) += positions.row(n % batch.length);
}

template <class S>
void Decoder<S>::embed_backward(const Batch& batch, const ConstRows<S>& dx, S* gradient) const {
  const int64_t C = config_.width;
  Weight<S> dtokens(gradient + layout_.embed, config_.vocabulary, C);
  if (!config_.tie_embeddings) dtokens.setZero();  // tied: the head's gradient is there
  for (int64_t n = 0; n < dx.rows(); ++n) dtokens.row(batch.inputs[static_cast<size_t>(n)]) += dx.row(n);
  if (config_.position != Position::learned) return;
  Weight<S> dpositions(gradient + layout_.position, config_.context, C);
  dpositions.setZero();
  for (int64_t n = 0; n < dx.rows(); ++n) dpositions.row(n % batch.length) += dx.row(n);
}

template class Decoder<float>;
template class Decoder<double>;

}  // namespace models
