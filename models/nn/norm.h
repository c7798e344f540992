#pragma once
#include "models/nn/tensors.h"

namespace models {

/// rmsnorm, or layernorm where `centred`: a norm over each row, ε = 1e-5. weight [C], bias [C] or empty.
template <class S>
struct RowNorm {
  bool centred;  ///< subtracts the mean
  PerColumn<const S> weight;
  PerColumn<const S> bias;

  /// normed [N, C] = norm(x [N, C]); saves the mean (0 unless centred) and 1/σ of every row.
  void forward(const ConstRows<S>& x, Rows<S> normed, PerRow<S> mean, PerRow<S> scale) const;
  /// dx += the derivative through x, given dnormed; dweight, dbias [C] += theirs.
  void backward(const ConstRows<S>& x, const PerRow<S>& mean, const PerRow<S>& scale, const ConstRows<S>& dnormed,
                Rows<S> dx, PerColumn<S> dweight, PerColumn<S> dbias) const;
};

}  // namespace models
