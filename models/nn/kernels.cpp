#include "models/nn/kernels.h"

#ifdef STRAGGLE_HAVE_ONEDNN
#include <oneapi/dnnl/dnnl.h>

#include <stdexcept>
#if DNNL_CPU_RUNTIME == DNNL_RUNTIME_OMP
extern "C" {  // the runtime oneDNN was built with, whichever compiler builds this file
int omp_get_max_threads(void);
void omp_set_num_threads(int);
}
#endif
#endif

namespace models {

#ifdef STRAGGLE_HAVE_ONEDNN
namespace {
/// One OpenMP thread for the regions this thread opens while it lives. The setting belongs to the calling thread alone.
struct OneThread {
#if DNNL_CPU_RUNTIME == DNNL_RUNTIME_OMP
  int before = omp_get_max_threads();
  OneThread() {
    if (before != 1) omp_set_num_threads(1);
  }
  ~OneThread() {
    if (before != 1) omp_set_num_threads(before);
  }
  OneThread(const OneThread&) = delete;
#endif
};
}  // namespace

bool gemm_onednn(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a,
                 int64_t lda, const float* b, int64_t ldb, float beta, float* c, int64_t ldc) {
  [[maybe_unused]] const OneThread one_thread;
  if (dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) !=
      dnnl_success)
    throw std::runtime_error("oneDNN refused a matrix product");
  return true;
}
#else
bool gemm_onednn(bool, bool, int64_t, int64_t, int64_t, float, const float*, int64_t, const float*, int64_t, float,
                 float*, int64_t) {
  return false;
}
#endif

template <>
void gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a, int64_t lda,
          const float* b, int64_t ldb, float beta, float* c, int64_t ldc) {
#ifdef STRAGGLE_GEMM_ONEDNN
  // oneDNN spends half a microsecond on every call, which is as long as such a small product takes.
  if (m * n * k <= 1 << 16) return gemm_blocked(transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  gemm_onednn(transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
#elif defined(STRAGGLE_GEMM_EIGEN)
  gemm_eigen(transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
#else
  gemm_blocked(transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
#endif
}
template <>
void gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, double alpha, const double* a,
          int64_t lda, const double* b, int64_t ldb, double beta, double* c, int64_t ldc) {
  gemm_eigen(transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

std::string_view gemm_backend() {
#ifdef STRAGGLE_GEMM_ONEDNN
  return "onednn";
#elif defined(STRAGGLE_GEMM_EIGEN)
  return "eigen";
#else
  return "blocked";
#endif
}

}  // namespace models
