#include "models/nn/decoder.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "models/nn/activation.h"
#include "models/nn/head.h"
#include "models/nn/lanes.h"
#include "models/nn/rows.h"

namespace models {
namespace {

template <class S>
NormWeights<S> norm_weights(const TransformerConfig& config, const WeightAndBias& place, const S* params) {
  return {config.norm == Norm::layernorm, place.weight_in(params), place.bias_in(params)};
}

}  // namespace

template <class S>
Decoder<S>::Decoder(const TransformerConfig& config) : config_(config), layout_(config) {
  if (config.position != Position::rope) return;
  const int64_t d = config.head_dim();
  rope_.resize(static_cast<size_t>(config.context * d));
  for (int64_t t = 0; t < config.context; ++t)
    for (int64_t j = 0; j < d / 2; ++j) {
      const double angle =
          static_cast<double>(t) * std::pow(10000.0, -2.0 * static_cast<double>(j) / static_cast<double>(d));
      rope_[static_cast<size_t>(t * d + j)] = static_cast<S>(std::cos(angle));
      rope_[static_cast<size_t>(t * d + d / 2 + j)] = static_cast<S>(std::sin(angle));
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
double Decoder<S>::loss(const S* params, const Batch& batch, DecoderBuffers<S>& buffers, S* gradient, S* losses) const {
  check(batch);
  const AttentionShape shape{batch.sequences, batch.length, config_.heads, config_.head_dim()};
  const int64_t N = batch.sequences * batch.length, C = config_.width;
  const bool backward = gradient != nullptr;
  buffers.carve(config_, shape, backward);

  SavedLayer<S>& first = buffers.layers[0];
  embed(params, batch, first.x);
  add_and_norm<S>(N, C, first.x, nullptr, nullptr, first.x, norm_weights(config_, layout_.layers[0].attn_norm, params),
                  first.normed1, first.mean1, first.scale1);
  for (size_t i = 0; i < layout_.layers.size(); ++i) forward_layer(params, shape, i, buffers, backward);

  HeadTask<S> head{
      N, C, config_.vocabulary, buffers.last.normed1, params + layout_.head, batch.targets.data(), buffers.head};
  head.losses = losses;
  if (backward) {
    head.dx = buffers.dnormed;
    head.dweight = gradient + layout_.head;
  }
  const double mean_loss = head_and_loss(head);
  if (!backward) return mean_loss;

  clear_what_is_added_to(gradient);
  std::fill_n(buffers.dx, N * C, S(0));
  norm_backward(N, C, buffers.last.x, buffers.last.mean1, buffers.last.scale1,
                norm_weights(config_, layout_.final_norm, params), buffers.dnormed, buffers.dx,
                layout_.final_norm.weight_in(gradient), layout_.final_norm.bias_in(gradient),
                layout_.layers.back().down.parts[0].bias_in(gradient));
  for (size_t i = layout_.layers.size(); i-- > 0;) backward_layer(params, shape, i, buffers, gradient);
  embed_backward(batch, buffers.dx, gradient);
  return mean_loss;
}

template <class S>
void Decoder<S>::forward_layer(const S* params, const AttentionShape& shape, size_t index, DecoderBuffers<S>& buffers,
                               bool keep) const {
  const Layer& at = layout_.layers[index];
  const bool is_last = index + 1 == layout_.layers.size();
  SavedLayer<S>& saved = buffers.layers[index];
  SavedLayer<S>& next = is_last ? buffers.last : buffers.layers[index + 1];
  const int64_t N = shape.sequences * shape.length, C = config_.width;

  // x_mid = x + O·attention(norm(x))
  at.qkv.forward(params, N, saved.normed1, saved.qkv);
  if (config_.bias)
    for (int64_t i = 0; i < 3; ++i)
      add_bias(N, shape.width(), saved.qkv + i * shape.width(), 3 * shape.width(), at.qkv.parts[i].bias_in(params));
  if (config_.position == Position::rope) rope(shape, rope_.data(), saved.qkv, false);
  attention_forward(shape, saved.qkv, saved.y, saved.probabilities, keep);
  at.o.forward(params, N, saved.y, buffers.delta);
  add_and_norm<S>(N, C, saved.x, buffers.delta, at.o.parts[0].bias_in(params), saved.x_mid,
                  norm_weights(config_, at.mlp_norm, params), saved.normed2, saved.mean2, saved.scale2);

  // x_next = x_mid + mlp(norm(x_mid))
  at.up.forward(params, N, saved.normed2, saved.hidden);
  activation_forward<S>(config_.activation, N, at.up.out, saved.hidden, at.up.parts[0].bias_in(params),
                        at.up.count > 1 ? at.up.parts[1].bias_in(params) : nullptr, saved.active, keep);
  at.down.forward(params, N, saved.active, buffers.delta);
  add_and_norm<S>(N, C, saved.x_mid, buffers.delta, at.down.parts[0].bias_in(params), next.x,
                  norm_weights(config_, is_last ? layout_.final_norm : layout_.layers[index + 1].attn_norm, params),
                  next.normed1, next.mean1, next.scale1);
}

template <class S>
void Decoder<S>::backward_layer(const S* params, const AttentionShape& shape, size_t index, DecoderBuffers<S>& buffers,
                                S* gradient) const {
  const Layer& at = layout_.layers[index];
  const SavedLayer<S>& saved = buffers.layers[index];
  const int64_t N = shape.sequences * shape.length, C = config_.width;

  // x_next = x_mid + down·active(up·norm(x_mid)); the gradient of down's bias came with dx
  at.down.backward(params, gradient, N, saved.active, buffers.dx, buffers.dactive);
  activation_backward<S>(config_.activation, N, at.up.out, saved.hidden, buffers.dactive,
                         at.up.parts[0].bias_in(gradient),
                         at.up.count > 1 ? at.up.parts[1].bias_in(gradient) : nullptr);
  at.up.backward(params, gradient, N, saved.normed2, saved.hidden, buffers.dnormed);
  norm_backward(N, C, saved.x_mid, saved.mean2, saved.scale2, norm_weights(config_, at.mlp_norm, params),
                buffers.dnormed, buffers.dx, at.mlp_norm.weight_in(gradient), at.mlp_norm.bias_in(gradient),
                at.o.parts[0].bias_in(gradient));

  // x_mid = x + O·attention(rope(q, k, v of norm(x)))
  at.o.backward(params, gradient, N, saved.y, buffers.dx, buffers.dy);
  attention_backward(shape, saved.qkv, saved.y, saved.probabilities, buffers.dy, buffers.dqkv, buffers.scores);
  if (config_.position == Position::rope) rope(shape, rope_.data(), buffers.dqkv, true);
  if (config_.bias)
    for (int64_t i = 0; i < 3; ++i)
      add_column_sums(N, shape.width(), buffers.dqkv + i * shape.width(), 3 * shape.width(),
                      at.qkv.parts[i].bias_in(gradient));
  at.qkv.backward(params, gradient, N, saved.normed1, buffers.dqkv, buffers.dnormed);
  norm_backward(N, C, saved.x, saved.mean1, saved.scale1, norm_weights(config_, at.attn_norm, params), buffers.dnormed,
                buffers.dx, at.attn_norm.weight_in(gradient), at.attn_norm.bias_in(gradient),
                index ? layout_.layers[index - 1].down.parts[0].bias_in(gradient) : nullptr);
}

template <class S>
void Decoder<S>::embed(const S* params, const Batch& batch, S* x) const {
  const int64_t C = config_.width;
  const S* const table = params + layout_.embed;
  for (size_t n = 0; n < batch.inputs.size(); ++n, x += C) {
    const S* const token = table + batch.inputs[n] * C;
    if (config_.position == Position::rope) {
      std::copy_n(token, C, x);
      continue;
    }
    const S* const position = params + layout_.position + static_cast<int64_t>(n) % batch.length * C;
    for_lanes<S>(C, [&](int64_t i, auto part) {
      store<S>(x + i, load<S>(token + i, part) + load<S>(position + i, part), part);
    });
  }
}

template <class S>
void Decoder<S>::embed_backward(const Batch& batch, const S* dx, S* gradient) const {
  const int64_t C = config_.width;
  const auto add = [C](S* to, const S* from) {
    for_lanes<S>(
        C, [&](int64_t i, auto part) { store<S>(to + i, load<S>(to + i, part) + load<S>(from + i, part), part); });
  };
  S* const table = gradient + layout_.embed;
  if (!config_.tie_embeddings) std::fill_n(table, config_.vocabulary * C, S(0));  // tied: the head's gradient is there
  S* const positions = config_.position == Position::learned ? gradient + layout_.position : nullptr;
  if (positions) std::fill_n(positions, config_.context * C, S(0));
  for (size_t n = 0; n < batch.inputs.size(); ++n, dx += C) {
    add(table + batch.inputs[n] * C, dx);
    if (positions) add(positions + static_cast<int64_t>(n) % batch.length * C, dx);
  }
}

/// Norms and biases are summed row by row, so they start at zero, and so do the gaps; matrices are overwritten by their
/// products.
template <class S>
void Decoder<S>::clear_what_is_added_to(S* gradient) const {
  const std::vector<TensorSpec>& tensors = layout().tensors();
  for (size_t i = 0; i < tensors.size(); ++i) {
    const size_t end = i + 1 < tensors.size() ? tensors[i + 1].offset : layout().size();
    const size_t begin = tensors[i].decays ? tensors[i].offset + tensors[i].size : tensors[i].offset;
    std::fill(gradient + begin, gradient + end, S(0));
  }
}

template class Decoder<float>;
template class Decoder<double>;

}  // namespace models
