#pragma once
#include <Eigen/Core>
#include <concepts>
#include <cstdint>
#include <type_traits>

#include "models/nn/products.h"

// What the files of models/nn are written in: Eigen expressions on Maps of the parameters and of the buffers.
// B sequences of T tokens, N = B·T rows; width C, h heads of size d, hidden width F, vocabulary V. Matrices are
// row-major, a token per row; weights are [out, in].

namespace models {

template <class S>
using Matrix = Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
/// Whole matrices, and one number per row, on boundaries of 64 bytes.
template <class S>
using Tensor = Eigen::Map<Matrix<S>, Eigen::Aligned64>;
template <class S>
using PerRow = Eigen::Map<Eigen::Array<S, Eigen::Dynamic, 1>, Eigen::Aligned64>;
/// What functions take: such a matrix, or columns or rows of it.
template <class S>
using Rows = Eigen::Ref<Matrix<S>, 0, Eigen::OuterStride<>>;
template <class S>
using ConstRows = Eigen::Ref<const Matrix<S>, 0, Eigen::OuterStride<>>;
template <class S>
using RowArray = Eigen::Array<S, 1, Eigen::Dynamic>;
/// `Of<S>`, const where S is.
template <template <class> class Of, class S>
using ConstAs = std::conditional_t<std::is_const_v<S>, const Of<std::remove_const_t<S>>, Of<S>>;
/// A weight, and a vector of one number per column: a norm's weight, a bias. The size of an absent one is 0.
template <class S>
using Weight = Eigen::Map<ConstAs<Matrix, S>>;
template <class S>
using PerColumn = Eigen::Map<ConstAs<RowArray, S>>;
/// A matrix whose rows begin on boundaries of 64 bytes, and what their length is rounded up to for that.
template <class S>
using PaddedRows = Eigen::Map<ConstAs<Matrix, S>, Eigen::Aligned64, Eigen::OuterStride<>>;
inline int64_t padded(int64_t columns) { return (columns + 15) / 16 * 16; }

/// sum += every row of x: the gradient of what was added to every row.
template <class S, class X>
void add_rows(const X& x, PerColumn<S> sum) {
  for (int64_t n = 0; n < x.rows(); ++n) sum += x.row(n).array();
}

/// to = alpha · a · b + beta · to, whatever transposed or scaled blocks a and b are.
template <class S, class To, class A, class B>
void multiply(To& to, const A& a, const B& b, S alpha, S beta) {
  using Left = Eigen::internal::blas_traits<A>;
  using Right = Eigen::internal::blas_traits<B>;
  static_assert(To::IsRowMajor && Left::HasUsableDirectAccess && Right::HasUsableDirectAccess);
  const auto& left = Left::extract(a);
  const auto& right = Right::extract(b);
  gemm<S>(!std::decay_t<decltype(left)>::IsRowMajor, !std::decay_t<decltype(right)>::IsRowMajor, to.rows(), to.cols(),
          a.cols(), alpha * Left::extractScalarFactor(a) * Right::extractScalarFactor(b), left.data(),
          left.outerStride(), right.data(), right.outerStride(), beta, to.data(), to.outerStride());
}

}  // namespace models

/// Every product of matrices that a file with this header writes as y.noalias() = a * b is models::gemm's.
template <class A, class B>
requires std::floating_point<typename A::Scalar> && std::same_as<typename A::Scalar, typename B::Scalar>
struct Eigen::internal::generic_product_impl<A, B, Eigen::DenseShape, Eigen::DenseShape, Eigen::GemmProduct> {
  using S = typename A::Scalar;
  template <class To>
  static void evalTo(To& to, const A& a, const B& b) {
    models::multiply<S>(to, a, b, S(1), S(0));
  }
  template <class To>
  static void addTo(To& to, const A& a, const B& b) {
    models::multiply<S>(to, a, b, S(1), S(1));
  }
  template <class To>
  static void subTo(To& to, const A& a, const B& b) {
    models::multiply<S>(to, a, b, S(-1), S(1));
  }
  template <class To>
  static void scaleAndAddTo(To& to, const A& a, const B& b, const S& factor) {
    models::multiply<S>(to, a, b, factor, S(1));
  }
};
