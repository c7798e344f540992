#include "models/nn/activation.h"

namespace models {
namespace {

/// A stretch of a row on the stack: what a row needs twice, while it is in the first-level cache.
template <class S>
using Stretch = Eigen::Array<S, 1, Eigen::Dynamic, Eigen::RowMajor, 1, 256>;

template <class S, class X>
auto sigmoid(const X& x) {
  return (S(1) + (-x).exp()).inverse();
}

/// gelu, tanh form: x/2 · (1 + tanh u) with u = √(2/π) (x + 0.044715 x³) is x · sigmoid(2u), which needs no tanh.
template <class S, class X, class Y>
void gelu(X x, Y y, bool keep) {
  const S a = S(1.5957691216057308), b = a * S(0.044715);  // a = 2 √(2/π)
  const Stretch<S> s = sigmoid<S>(x * (a + b * x.square()));
  y = x * s;
  if (keep) x = s + y * (S(1) - s) * (a + 3 * b * x.square());
}

template <class S, class X, class Y>
void relu(X x, Y y, bool keep) {
  y = x.max(S(0));
  if (keep) x = (x > S(0)).template cast<S>();
}

/// y = silu(gate) · up with silu(x) = x · sigmoid(x).
template <class S, class X, class Y>
void swiglu(X gate, X up, Y y, bool keep) {
  const Stretch<S> s = sigmoid<S>(gate);
  const Stretch<S> silu = gate * s;
  y = silu * up;
  if (!keep) return;
  gate = up * (s + silu * (S(1) - s));
  up = silu;
}

}  // namespace

template <class S>
void activation_forward(Activation kind, Rows<S> hidden, Rows<S> active, bool keep) {
  const int64_t F = active.cols();
  for (int64_t n = 0; n < active.rows(); ++n)
    for (int64_t i = 0; i < F; i += 256) {
      const int64_t size = std::min<int64_t>(256, F - i);
      auto x = hidden.row(n).segment(i, size).array();
      auto y = active.row(n).segment(i, size).array();
      if (kind == Activation::gelu)
        gelu<S>(x, y, keep);
      else if (kind == Activation::relu)
        relu<S>(x, y, keep);
      else
        swiglu<S>(x, hidden.row(n).segment(F + i, size).array(), y, keep);
    }
}

template <class S>
void activation_backward(Rows<S> hidden, const ConstRows<S>& dactive) {
  for (int64_t i = 0; i < hidden.cols(); i += dactive.cols())
    hidden.middleCols(i, dactive.cols()).array() *= dactive.array();
}

#define STRAGGLE_INSTANTIATE(S)                                         \
  template void activation_forward(Activation, Rows<S>, Rows<S>, bool); \
  template void activation_backward(Rows<S>, const ConstRows<S>&);
STRAGGLE_INSTANTIATE(float)
STRAGGLE_INSTANTIATE(double)
#undef STRAGGLE_INSTANTIATE

}  // namespace models
