#pragma once
#include <algorithm>
#include <array>
#include <cstddef>

#include "models/nn/tensors.h"
#include "models/params.h"

namespace models {

inline constexpr size_t absent = static_cast<size_t>(-1);

/// Where a weight and its bias lie in the flat vector; `absent` where there is none. S may be const.
struct WeightAndBias {
  size_t weight = absent;
  size_t bias = absent;
  template <class S>
  PerColumn<S> weight_in(S* params, int64_t size) const {
    return {params + weight, size};
  }
  template <class S>
  PerColumn<S> bias_in(S* params, int64_t size) const {
    return {bias == absent ? nullptr : params + bias, bias == absent ? 0 : size};
  }
};

/// One to three linear maps of the same input, [in] → [out] each, their outputs side by side: y [N, count·out]. Where
/// the weights touch in the flat vector the count products are one.
struct StackedLinear {
  std::array<WeightAndBias, 3> parts;
  int64_t count = 1;
  int64_t in = 0;
  int64_t out = 0;

  int64_t width() const { return count * out; }
  bool contiguous() const;
  /// y = x Wᵀ + b.
  template <class S>
  void forward(const S* params, const ConstRows<S>& x, Rows<S> y) const;
  /// dx = dy W, overwritten; the gradients of the weights, dyᵀ x, overwritten; those of the biases, added to.
  template <class S>
  void backward(const S* params, S* gradient, const ConstRows<S>& x, const ConstRows<S>& dy, Rows<S> dx) const;
};

/// Gradients of norms and biases are summed row by row, so they begin at zero, and so do the gaps; those of matrices
/// are overwritten by their products.
template <class S>
void clear_all_but_matrices(const ParamLayout& layout, S* gradient) {
  const std::vector<TensorSpec>& tensors = layout.tensors();
  for (size_t i = 0; i < tensors.size(); ++i) {
    const size_t end = i + 1 < tensors.size() ? tensors[i + 1].offset : layout.size();
    const size_t begin = tensors[i].is_matrix() ? tensors[i].offset + tensors[i].size : tensors[i].offset;
    std::fill(gradient + begin, gradient + end, S(0));
  }
}

}  // namespace models
