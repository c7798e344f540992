#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace models {

inline constexpr size_t absent = static_cast<size_t>(-1);

/// Where a weight and its bias lie in the flat vector; `absent` where there is none.
struct WeightAndBias {
  size_t weight = absent;
  size_t bias = absent;
  template <class S>
  S* weight_in(S* params) const {
    return params + weight;
  }
  template <class S>
  S* bias_in(S* params) const {
    return bias == absent ? nullptr : params + bias;
  }
};

/// One to three linear maps of the same input, [in] → [out] each, their outputs side by side: y [N, count·out]. Where
/// the weights touch in the flat vector the count products are one. Biases are the callers', who fuse them into passes
/// of their own.
struct StackedLinear {
  std::array<WeightAndBias, 3> parts;
  int64_t count = 1;
  int64_t in = 0;
  int64_t out = 0;

  int64_t width() const { return count * out; }
  bool contiguous() const;
  /// y = x Wᵀ.
  template <class S>
  void forward(const S* params, int64_t rows, const S* x, S* y) const;
  /// dx = dy W and the gradients of the weights, dyᵀ x; both overwritten.
  template <class S>
  void backward(const S* params, S* gradient, int64_t rows, const S* x, const S* dy, S* dx) const;
};

}  // namespace models
