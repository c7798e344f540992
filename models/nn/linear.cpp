#include "models/nn/linear.h"

#include "models/nn/kernels.h"

namespace models {

bool StackedLinear::contiguous() const {
  for (int64_t i = 1; i < count; ++i)
    if (parts[i].weight != parts[0].weight + static_cast<size_t>(i * out * in)) return false;
  return true;
}

template <class S>
void StackedLinear::forward(const S* params, int64_t rows, const S* x, S* y) const {
  const bool one = contiguous();
  for (int64_t i = 0; i < (one ? 1 : count); ++i)
    gemm<S>(false, true, rows, one ? width() : out, in, S(1), x, in, parts[i].weight_in(params), in, S(0), y + i * out,
            width());
}

template <class S>
void StackedLinear::backward(const S* params, S* gradient, int64_t rows, const S* x, const S* dy, S* dx) const {
  const bool one = contiguous();
  const int64_t n = one ? width() : out;
  for (int64_t i = 0; i < (one ? 1 : count); ++i) {
    const S* const dy_part = dy + i * out;
    gemm<S>(true, false, n, in, rows, S(1), dy_part, width(), x, in, S(0), parts[i].weight_in(gradient), in);
    gemm<S>(false, false, rows, in, n, S(1), dy_part, width(), parts[i].weight_in(params), in, i ? S(1) : S(0), dx, in);
  }
}

#define STRAGGLE_INSTANTIATE(S)                                                \
  template void StackedLinear::forward(const S*, int64_t, const S*, S*) const; \
  template void StackedLinear::backward(const S*, S*, int64_t, const S*, const S*, S*) const;
STRAGGLE_INSTANTIATE(float)
STRAGGLE_INSTANTIATE(double)
#undef STRAGGLE_INSTANTIATE

}  // namespace models
