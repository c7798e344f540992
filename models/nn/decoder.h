#pragma once
#include "models/nn/decoder_buffers.h"
#include "models/nn/norm.h"
#include "models/nn/transformer_layout.h"
#include "models/objective.h"

namespace models {

/// The decoder of docs/model.md, forward and backward by hand. S is float, or double for checking gradients. Immutable.
template <class S>
class Decoder {
 public:
  /// Throws std::invalid_argument on an impossible shape.
  explicit Decoder(const TransformerConfig& config);

  const TransformerConfig& config() const { return config_; }
  const ParamLayout& layout() const { return layout_.tensors; }
  /// Mean loss of the batch; fills `gradient` (layout().size(), gaps zero) unless it is nullptr, and `losses` [B·T]
  /// likewise. Throws std::invalid_argument if the batch does not fit the model.
  double loss(const S* params, const Batch& batch, DecoderBuffers<S>& buffers, S* gradient = nullptr,
              S* losses = nullptr) const;

 private:
  using Layer = TransformerLayout::Layer;
  void check(const Batch& batch) const;
  RowNorm<S> norm(const WeightAndBias& place, const S* params) const;
  /// d.dx += the derivative of that norm through x, given d.dnormed, and the gradients of its weight and bias.
  void norm_backward(const WeightAndBias& place, const S* params, const ConstRows<S>& x, const PerRow<S>& mean,
                     const PerRow<S>& scale, Gradients<S>& d, S* gradient) const;
  void embed(const S* params, const Batch& batch, Rows<S> x) const;
  void embed_backward(const Batch& batch, const ConstRows<S>& dx, S* gradient) const;
  /// x_next [N, C] from saved.x, and all that the backward pass needs into `saved`.
  void forward_layer(const S* params, const AttentionShape& shape, const Layer& layer, SavedLayer<S>& saved,
                     Rows<S> x_next, bool keep) const;
  /// d.dx, the gradient of x_next, becomes that of saved.x.
  void backward_layer(const S* params, const AttentionShape& shape, const Layer& layer, SavedLayer<S>& saved,
                      Gradients<S>& d, S* gradient) const;

  TransformerConfig config_;
  TransformerLayout layout_;
  Matrix<S> rope_;  ///< [T, d] as cos | sin
};

}  // namespace models
