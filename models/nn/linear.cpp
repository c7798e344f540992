#include "models/nn/linear.h"

namespace models {

bool StackedLinear::contiguous() const {
  for (int64_t i = 1; i < count; ++i)
    if (parts[i].weight != parts[0].weight + static_cast<size_t>(i * out * in)) return false;
  return true;
}

template <class S>
void StackedLinear::forward(const S* params, const ConstRows<S>& x, Rows<S> y) const {
  const bool one = contiguous();
  const int64_t n = one ? width() : out;
  for (int64_t i = 0; i < (one ? 1 : count); ++i) {
    const Weight<const S> w(params + parts[i].weight, n, in);
    y.middleCols(i * out, n).noalias() = x * w.transpose();
  }
  for (int64_t i = 0; i < count; ++i)
    if (parts[i].bias != absent) y.middleCols(i * out, out).array().rowwise() += parts[i].bias_in(params, out);
}

template <class S>
void StackedLinear::backward(const S* params, S* gradient, const ConstRows<S>& x, const ConstRows<S>& dy,
                             Rows<S> dx) const {
  const bool one = contiguous();
  const int64_t n = one ? width() : out;
  for (int64_t i = 0; i < (one ? 1 : count); ++i) {
    const Weight<const S> w(params + parts[i].weight, n, in);
    Weight<S> dw(gradient + parts[i].weight, n, in);
    const auto dyi = dy.middleCols(i * out, n);
    dw.noalias() = dyi.transpose() * x;  // y = x wᵀ
    if (i == 0)
      dx.noalias() = dyi * w;
    else
      dx.noalias() += dyi * w;
  }
  for (int64_t i = 0; i < count; ++i)
    if (parts[i].bias != absent)
      add_rows<S>(dy.middleCols(i * out, out), parts[i].bias_in(gradient, out));  // y = x + b
}

#define STRAGGLE_INSTANTIATE(S)                                                       \
  template void StackedLinear::forward(const S*, const ConstRows<S>&, Rows<S>) const; \
  template void StackedLinear::backward(const S*, S*, const ConstRows<S>&, const ConstRows<S>&, Rows<S>) const;
STRAGGLE_INSTANTIATE(float)
STRAGGLE_INSTANTIATE(double)
#undef STRAGGLE_INSTANTIATE

}  // namespace models
