#pragma once
#include <cstdint>

namespace models {

/// Row-wise kernels of the decoder: each is one pass over [rows, n] that fuses what would be several. S is float or
/// double.

/// x += bias, rows `stride` apart. bias [n].
template <class S>
void add_bias(int64_t rows, int64_t n, S* x, int64_t stride, const S* bias);

/// sums [n] += column sums of x.
template <class S>
void add_column_sums(int64_t rows, int64_t n, const S* x, int64_t stride, S* sums);

/// What a norm needs: weight [n], bias [n] or nullptr; rmsnorm or layernorm (ε = 1e-5).
template <class S>
struct NormWeights {
  bool centred;  ///< layernorm: subtracts the mean
  const S* weight;
  const S* bias;
};

/// out = x + delta + delta_bias (both optional), normed = norm(out); all [rows, n]. `out` may be x. Saves mean and 1/σ
/// per row for norm_backward; mean is 0 for rmsnorm.
template <class S>
void add_and_norm(int64_t rows, int64_t n, const S* x, const S* delta, const S* delta_bias, S* out,
                  const NormWeights<S>& norm, S* normed, S* mean, S* inverse_deviation);

/// dx += the derivative of norm through x, given dnormed; dweight, dbias [n] += theirs. If `dx_sums` is given, adds to
/// it the column sums of the new dx: the gradient of the bias added to x before this norm.
template <class S>
void norm_backward(int64_t rows, int64_t n, const S* x, const S* mean, const S* inverse_deviation,
                   const NormWeights<S>& norm, const S* dnormed, S* dx, S* dweight, S* dbias, S* dx_sums);

}  // namespace models
