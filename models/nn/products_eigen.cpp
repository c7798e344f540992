#include <Eigen/Core>

#include "models/nn/products.h"

// Without models/nn/tensors.h, whose products come here.

namespace models {

template <class S>
void gemm_eigen(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, S alpha, const S* a, int64_t lda,
                const S* b, int64_t ldb, S beta, S* c, int64_t ldc) {
  // Eigen blocks by the cache sizes it finds, and the blocks decide the order of sums: pin them.
  [[maybe_unused]] static const bool pinned = (Eigen::setCpuCacheSizes(32 << 10, 1 << 20, 32 << 20), true);
  using Matrix = Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic>;
  using Input = Eigen::Map<const Matrix, Eigen::Unaligned, Eigen::OuterStride<>>;
  // What is stored by rows is its own transpose stored by columns: Cᵀ = op(B)ᵀ op(A)ᵀ.
  const Input left(b, transpose_b ? k : n, transpose_b ? n : k, Eigen::OuterStride<>(ldb));
  const Input right(a, transpose_a ? m : k, transpose_a ? k : m, Eigen::OuterStride<>(lda));
  Eigen::Map<Matrix, Eigen::Unaligned, Eigen::OuterStride<>> out(c, n, m, Eigen::OuterStride<>(ldc));
  if (beta == S(0))
    out.setZero();
  else if (beta != S(1))
    out *= beta;
  if (transpose_a && transpose_b)
    out.noalias() += alpha * (left.transpose() * right.transpose());
  else if (transpose_a)
    out.noalias() += alpha * (left * right.transpose());
  else if (transpose_b)
    out.noalias() += alpha * (left.transpose() * right);
  else
    out.noalias() += alpha * (left * right);
}
template void gemm_eigen(bool, bool, int64_t, int64_t, int64_t, float, const float*, int64_t, const float*, int64_t,
                         float, float*, int64_t);
template void gemm_eigen(bool, bool, int64_t, int64_t, int64_t, double, const double*, int64_t, const double*, int64_t,
                         double, double*, int64_t);

}  // namespace models
