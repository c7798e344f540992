#include "models/nn/products.h"

#include <cmath>
#include <tuple>
#include <vector>

#include "models/nn/tensors.h"
#include "tests/models/nn/draws.h"
#include "tests/support/catch.h"

using namespace models;
using models::testing::Draws;

namespace {

template <class S>
std::vector<S> random_values(int64_t count, uint64_t entity) {
  std::vector<S> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<S>(Draws().normal(entity, i));
  return values;
}

/// The product by its definition, in double.
template <class S>
void by_definition(bool ta, bool tb, int64_t m, int64_t n, int64_t k, S alpha, const S* a, int64_t lda, const S* b,
                   int64_t ldb, S beta, S* c, int64_t ldc) {
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (int64_t l = 0; l < k; ++l)
        sum += double(ta ? a[l * lda + i] : a[i * lda + l]) * double(tb ? b[j * ldb + l] : b[l * ldb + j]);
      const double before = beta == S(0) ? 0 : double(beta) * double(c[i * ldc + j]);
      c[i * ldc + j] = static_cast<S>(double(alpha) * sum + before);
    }
}

/// Compares a product with its definition over shapes, transpositions, leading dimensions and factors; true if all
/// elements agree and everything outside C is untouched.
template <class S, class Product>
void check_product(Product product, double rounding) {
  for (const auto& [m, n, k] :
       std::vector<std::tuple<int64_t, int64_t, int64_t>>{{1, 1, 1},
                                                          {3, 5, 7},
                                                          {16, 16, 16},
                                                          {64, 48, 32},
                                                          {33, 65, 17},
                                                          {1, 40, 9},
                                                          {40, 1, 9},
                                                          {100, 30, 257},
                                                          {7, 130, 1500},
                                                          {130, 1100, 20},
                                                          {1021, 30, 40}})  // with the 3 below: rows a page apart
    for (const bool ta : {false, true})
      for (const bool tb : {false, true})
        for (const auto& [alpha, beta] :
             std::vector<std::pair<S, S>>{{S(1), S(0)}, {S(1), S(1)}, {S(0.25), S(0)}, {S(0.5), S(-2)}}) {
          const int64_t lda = (ta ? m : k) + 3, ldb = (tb ? k : n) + 5, ldc = n + 2;
          const std::vector<S> a = random_values<S>((ta ? k : m) * lda, 1), b = random_values<S>((tb ? n : k) * ldb, 2);
          std::vector<S> c = random_values<S>(m * ldc, 3);
          if (beta == S(0)) c[0] = std::numeric_limits<S>::quiet_NaN();  // beta = 0 reads nothing
          std::vector<S> expected = c;
          by_definition<S>(ta, tb, m, n, k, alpha, a.data(), lda, b.data(), ldb, beta, expected.data(), ldc);
          product(ta, tb, m, n, k, alpha, a.data(), lda, b.data(), ldb, beta, c.data(), ldc);
          double worst = 0;
          for (size_t i = 0; i < c.size(); ++i) worst = std::max(worst, double(std::abs(c[i] - expected[i])));
          INFO("m " << m << " n " << n << " k " << k << " transposed " << ta << tb << " alpha " << alpha << " beta "
                    << beta);
          // k products of unit-variance numbers: roundings add up like √k of them, each of a partial sum about √k large
          CHECK(worst < 6 * rounding * (static_cast<double>(k) + 8));
        }
}

}  // namespace

TEST_CASE("every product of Eigen's is the sum it stands for") {
  check_product<float>(gemm_eigen<float>, 6e-8);
  check_product<double>(gemm_eigen<double>, 1.2e-16);
}

TEST_CASE("every product of the configured backend is the sum it stands for") {
  INFO(gemm_backend());
  check_product<float>(gemm<float>, 6e-8);
  check_product<double>(gemm<double>, 1.2e-16);
}

TEST_CASE("every product of the project's own kernel is the sum it stands for") {
  check_product<float>(gemm_blocked, 6e-8);
}

TEST_CASE("every product of oneDNN's is the sum it stands for") {
  float one = 1, product = 0;
  if (!gemm_onednn(false, false, 1, 1, 1, 1, &one, 1, &one, 1, 0, &product, 1)) return;  // a build without it
  check_product<float>(gemm_onednn, 6e-8);
}

TEST_CASE("a product's bits follow neither the alignment of its buffers nor the rest of them") {
  const int64_t m = 70, n = 52, k = 1100;
  const std::vector<float> a = random_values<float>(m * k, 1), b = random_values<float>(k * n, 2);
  std::vector<float> first(m * n);
  gemm<float>(false, false, m, n, k, 1, a.data(), k, b.data(), n, 0, first.data(), n);
  for (size_t shift = 1; shift < 16; shift += 3) {
    std::vector<float> a2(shift), b2(2 * shift), c2(m * n + 3 * shift);
    a2.insert(a2.end(), a.begin(), a.end());
    b2.insert(b2.end(), b.begin(), b.end());
    gemm<float>(false, false, m, n, k, 1, a2.data() + shift, k, b2.data() + 2 * shift, n, 0, c2.data() + 3 * shift, n);
    CHECK(std::equal(first.begin(), first.end(), c2.begin() + 3 * static_cast<std::ptrdiff_t>(shift)));
  }
}

TEST_CASE("a product written in Eigen is the sum it stands for, whatever is transposed, scaled, cut out or added to") {
  using Exact = Matrix<double>;
  const std::vector<float> values = random_values<float>(90 * 70, 4);
  const Weight<const float> all(values.data(), 90, 70);
  const auto a = all.block(3, 5, 40, 31), b = all.block(50, 7, 31, 28);  // [40, 31] · [31, 28]
  const auto a_turned = all.block(3, 5, 31, 40), b_turned = all.block(50, 7, 28, 31);
  const auto exact = [](const auto& m) { return Exact(m.template cast<double>()); };
  Matrix<float> frame = Matrix<float>::Constant(44, 33, 7);
  auto c = frame.block(2, 3, 40, 28);
  const auto agrees = [&](const Exact& expected) {
    return (exact(c) - expected).cwiseAbs().maxCoeff() < 6 * 6e-8 * (31 + 8) * 4 &&
           frame.sum() - c.sum() == Approx(7 * (44 * 33 - 40 * 28));
  };
  const Exact ab = exact(a).lazyProduct(exact(b));
  c.noalias() = a * b;
  CHECK(agrees(ab));
  c.noalias() += a * b;
  CHECK(agrees(2 * ab));
  c.noalias() -= 0.5f * a * b;
  CHECK(agrees(1.5 * ab));
  c.noalias() = a_turned.transpose() * b;
  CHECK(agrees(exact(a_turned).transpose().lazyProduct(exact(b))));
  c.noalias() = 0.25f * a * b_turned.transpose();
  CHECK(agrees(0.25 * exact(a).lazyProduct(exact(b_turned).transpose())));
  c.noalias() = a_turned.transpose() * b_turned.transpose();
  CHECK(agrees(exact(a_turned).transpose().lazyProduct(exact(b_turned).transpose())));
}
