#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace models {

/// Row-major C[m,n] = alpha · op(A)[m,k] · op(B)[k,n] + beta · C; ld* are row strides in elements. Always
/// single-threaded, callable from any number of threads at once; the same bits whatever the thread or the buffers'
/// alignment. S is float or double.
template <class S>
void gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, S alpha, const S* a, int64_t lda,
          const S* b, int64_t ldb, S beta, S* c, int64_t ldc);

/// Which library `gemm<float>` uses: "onednn", "blocked" or "eigen", chosen by the CMake variable STRAGGLE_GEMM.
std::string_view gemm_backend();

/// What decides a product's last bits besides the program's file: the `library` with its version, the
/// `instruction_set` that it uses here, and every variable of the environment that restricts it, such as
/// ONEDNN_MAX_CPU_ISA.
std::map<std::string, std::string> product_facts();

/// The same product by Eigen: always there.
template <class S>
void gemm_eigen(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, S alpha, const S* a, int64_t lda,
                const S* b, int64_t ldb, S beta, S* c, int64_t ldc);

/// The same product by oneDNN. Returns false, touching nothing, in a build without it.
bool gemm_onednn(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a,
                 int64_t lda, const float* b, int64_t ldb, float beta, float* c, int64_t ldc);

/// The same product by the project's own blocked kernel: always there.
void gemm_blocked(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a,
                  int64_t lda, const float* b, int64_t ldb, float beta, float* c, int64_t ldc);

}  // namespace models
