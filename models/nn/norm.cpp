#include "models/nn/norm.h"

#include <cmath>

namespace models {

// Row by row, so that every statement after the first finds its row in the first-level cache.

template <class S>
void RowNorm<S>::forward(const ConstRows<S>& x, Rows<S> normed, PerRow<S> mean, PerRow<S> scale) const {
  for (int64_t n = 0; n < x.rows(); ++n) {
    const auto row = x.row(n).array();
    auto y = normed.row(n).array();
    mean[n] = centred ? row.mean() : S(0);
    scale[n] = 1 / std::sqrt((row - mean[n]).square().mean() + S(1e-5));
    y = (row - mean[n]) * scale[n] * weight;
    if (bias.size()) y += bias;
  }
}

template <class S>
void RowNorm<S>::backward(const ConstRows<S>& x, const PerRow<S>& mean, const PerRow<S>& scale,
                          const ConstRows<S>& dnormed, Rows<S> dx, PerColumn<S> dweight, PerColumn<S> dbias) const {
  for (int64_t n = 0; n < x.rows(); ++n) {
    const auto dy = dnormed.row(n).array();
    const auto xhat = (x.row(n).array() - mean[n]) * scale[n];
    // y = xhat · weight + bias
    dweight += dy * xhat;
    if (dbias.size()) dbias += dy;
    // xhat = (x − mean) · scale: a row's part along xhat, and along (1, …, 1), does not reach x
    const auto dxhat = dy * weight;
    const S along = (dxhat * xhat).mean(), average = centred ? dxhat.mean() : S(0);
    dx.row(n).array() += scale[n] * (dxhat - average - xhat * along);
  }
}

template struct RowNorm<float>;
template struct RowNorm<double>;

}  // namespace models
