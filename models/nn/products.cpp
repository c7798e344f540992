#include "models/nn/products.h"

#include <unistd.h>

#ifdef STRAGGLE_HAVE_ONEDNN
#include <oneapi/dnnl/dnnl.h>

#include <algorithm>
#include <stdexcept>

#include "models/params.h"
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

void sgemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a,
           int64_t lda, const float* b, int64_t ldb, float beta, float* c, int64_t ldc) {
  if (dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) !=
      dnnl_success)
    throw std::logic_error("oneDNN refused a matrix product");
}

/// c[m, n] = from[n, m] transposed, in squares that stay in the first-level cache.
void transpose(int64_t m, int64_t n, const float* from, int64_t ld_from, float* c, int64_t ldc) {
  constexpr int64_t side = 16;
  for (int64_t i = 0; i < m; i += side)
    for (int64_t j = 0; j < n; j += side)
      for (int64_t row = i; row < std::min(m, i + side); ++row)
        for (int64_t column = j; column < std::min(n, j + side); ++column)
          c[row * ldc + column] = from[column * ld_from + row];
}
}  // namespace

bool gemm_onednn(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a,
                 int64_t lda, const float* b, int64_t ldb, float beta, float* c, int64_t ldc) {
  [[maybe_unused]] const OneThread one_thread;
  // Rows of A that lie multiples of a page apart share few sets of a cache. As the transposed left factor it is copied
  // across its rows, and the product takes half as long again as with A on the right, where it is copied along them.
  if (transpose_a && !transpose_b && lda % 1024 == 0 && m > n && beta == 0) {
    thread_local Params transposed;
    const int64_t stride = m + 16;
    transposed.resize(static_cast<size_t>(n * stride));
    sgemm(true, false, n, m, k, alpha, b, ldb, a, lda, 0, transposed.data(), stride);
    transpose(m, n, transposed.data(), stride, c, ldc);
  } else {
    sgemm(transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
  }
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
  bool own = m * n * k <= 1 << 16;
#if defined(__AVX2__) && !defined(__AVX512F__)
  // With AVX2 it takes up to twice as long as the own kernel where it has to copy long rows of A across themselves.
  own = own || (transpose_a && !transpose_b && lda >= 384);
#endif
  if (own) return gemm_blocked(transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
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

namespace {

/// The largest instruction set that the compiler was allowed.
constexpr const char* compiled_for() {
#if defined(__AVX512F__)
  return "AVX-512";
#elif defined(__AVX2__)
  return "AVX2";
#elif defined(__AVX__)
  return "AVX";
#elif defined(__SSE4_1__)
  return "SSE4.1";
#elif defined(__x86_64__)
  return "SSE2";
#elif defined(__aarch64__)
  return "NEON";
#else
  return "unknown";
#endif
}

#ifdef STRAGGLE_GEMM_ONEDNN
/// The largest that oneDNN allows itself on this processor.
std::string used_by_onednn() {
  switch (dnnl_get_effective_cpu_isa()) {
    case dnnl_cpu_isa_sse41:
      return "SSE4.1";
    case dnnl_cpu_isa_avx:
      return "AVX";
    case dnnl_cpu_isa_avx2:
      return "AVX2";
    case dnnl_cpu_isa_avx2_vnni:
      return "AVX2 VNNI";
    case dnnl_cpu_isa_avx512_core:
      return "AVX-512";
    case dnnl_cpu_isa_avx512_core_vnni:
      return "AVX-512 VNNI";
    case dnnl_cpu_isa_avx512_core_bf16:
      return "AVX-512 BF16";
    case dnnl_cpu_isa_avx512_core_amx:
      return "AMX";
    default:
      return "oneDNN's " + std::to_string(static_cast<int>(dnnl_get_effective_cpu_isa()));
  }
}
#endif

}  // namespace

std::map<std::string, std::string> product_facts() {
  std::map<std::string, std::string> facts;
#ifdef STRAGGLE_GEMM_ONEDNN
  const dnnl_version_t& version = *dnnl_version();
  facts["library"] = "onednn " + std::to_string(version.major) + "." + std::to_string(version.minor) + "." +
                     std::to_string(version.patch);
  facts["instruction_set"] = used_by_onednn();
  for (char** variable = environ; *variable; ++variable) {
    const std::string_view text = *variable;
    if (text.starts_with("DNNL_") || text.starts_with("ONEDNN_"))
      facts.emplace(text.substr(0, text.find('=')), text.substr(text.find('=') + 1));
  }
#else
  facts["library"] = std::string(gemm_backend());
  facts["instruction_set"] = compiled_for();
#endif
  facts["compiled_for"] = compiled_for();
  return facts;
}

}  // namespace models
