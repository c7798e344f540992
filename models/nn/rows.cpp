#include "models/nn/rows.h"

#include <cmath>

#include "models/nn/lanes.h"

namespace models {

template <class S>
void add_bias(int64_t rows, int64_t n, S* x, int64_t stride, const S* bias) {
  for (int64_t row = 0; row < rows; ++row, x += stride)
    for_lanes<S>(n,
                 [&](int64_t i, auto part) { store<S>(x + i, load<S>(x + i, part) + load<S>(bias + i, part), part); });
}

template <class S>
void add_column_sums(int64_t rows, int64_t n, const S* x, int64_t stride, S* sums) {
  for_lanes<S>(n, [&](int64_t i, auto part) {
    Lanes<S> sum = load<S>(sums + i, part);
    for (int64_t row = 0; row < rows; ++row) sum += load<S>(x + row * stride + i, part);
    store<S>(sums + i, sum, part);
  });
}

template <class S>
void add_and_norm(int64_t rows, int64_t n, const S* x, const S* delta, const S* delta_bias, S* out,
                  const NormWeights<S>& norm, S* normed, S* mean, S* inverse_deviation) {
  using V = Lanes<S>;
  for (int64_t row = 0; row < rows; ++row, x += n, out += n, normed += n) {
    V sum{}, squares{};
    for_lanes<S>(n, [&](int64_t i, auto part) {
      V v = load<S>(x + i, part);
      if (delta) v += load<S>(delta + i, part);
      if (delta_bias) v += load<S>(delta_bias + i, part);
      store<S>(out + i, v, part);
      sum += v;
      squares += v * v;
    });
    if (delta) delta += n;
    S centre = 0;
    if (norm.centred) {  // a second pass: the difference of two large sums would lose digits
      centre = sum_of(sum) / S(n);
      squares = V{};
      for_lanes<S>(n, [&](int64_t i, auto part) {
        const V v = load<S>(out + i, part, centre) - centre;
        squares += v * v;
      });
    }
    const S scale = 1 / std::sqrt(sum_of(squares) / S(n) + S(1e-5));
    for_lanes<S>(n, [&](int64_t i, auto part) {
      V v = (load<S>(out + i, part) - centre) * scale * load<S>(norm.weight + i, part);
      if (norm.bias) v += load<S>(norm.bias + i, part);
      store<S>(normed + i, v, part);
    });
    mean[row] = centre;
    inverse_deviation[row] = scale;
  }
}

template <class S>
void norm_backward(int64_t rows, int64_t n, const S* x, const S* mean, const S* inverse_deviation,
                   const NormWeights<S>& norm, const S* dnormed, S* dx, S* dweight, S* dbias, S* dx_sums) {
  using V = Lanes<S>;
  for (int64_t row = 0; row < rows; ++row, x += n, dnormed += n, dx += n) {
    // xhat = (x - mean) * scale; normed = xhat * weight + bias
    const S centre = mean[row], scale = inverse_deviation[row];
    V sum{}, products{};
    for_lanes<S>(n, [&](int64_t i, auto part) {
      const V dn = load<S>(dnormed + i, part);
      const V xhat = (load<S>(x + i, part, centre) - centre) * scale;
      const V dxhat = dn * load<S>(norm.weight + i, part);
      store<S>(dweight + i, load<S>(dweight + i, part) + dn * xhat, part);
      if (dbias) store<S>(dbias + i, load<S>(dbias + i, part) + dn, part);
      sum += dxhat;
      products += dxhat * xhat;
    });
    const S average = norm.centred ? sum_of(sum) / S(n) : S(0);
    const S projection = sum_of(products) / S(n);
    for_lanes<S>(n, [&](int64_t i, auto part) {
      const V xhat = (load<S>(x + i, part) - centre) * scale;
      const V dxhat = load<S>(dnormed + i, part) * load<S>(norm.weight + i, part);
      const V total = load<S>(dx + i, part) + scale * (dxhat - average - xhat * projection);
      store<S>(dx + i, total, part);
      if (dx_sums) store<S>(dx_sums + i, load<S>(dx_sums + i, part) + total, part);
    });
  }
}

#define STRAGGLE_INSTANTIATE(S)                                                                                        \
  template void add_bias(int64_t, int64_t, S*, int64_t, const S*);                                                     \
  template void add_column_sums(int64_t, int64_t, const S*, int64_t, S*);                                              \
  template void add_and_norm(int64_t, int64_t, const S*, const S*, const S*, S*, const NormWeights<S>&, S*, S*, S*);   \
  template void norm_backward(int64_t, int64_t, const S*, const S*, const S*, const NormWeights<S>&, const S*, S*, S*, \
                              S*, S*);
STRAGGLE_INSTANTIATE(float)
STRAGGLE_INSTANTIATE(double)
#undef STRAGGLE_INSTANTIATE

}  // namespace models
