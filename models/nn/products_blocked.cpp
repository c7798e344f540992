#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <utility>

#include "models/nn/products.h"
#include "models/params.h"

// The project's own product: blocks packed for the caches around a kernel that keeps a tile of C in registers. Source
// of the method: Goto & van de Geijn 2008, "Anatomy of high-performance matrix multiplication". The order of each sum
// depends on k alone: blocks of `depth_block`, ascending, each summed ascending. So bits follow neither m and n nor the
// width of the registers.

namespace models {
namespace {

using namespace Eigen::internal;
/// A vector register of the CPU this is compiled for.
using Packet = packet_traits<float>::type;
constexpr int64_t lanes = packet_traits<float>::size;

#if defined(__AVX512F__)
constexpr int64_t tile_rows = 14;  // 28 sums, 2 of B, 1 of A: 31 of 32 registers
#elif defined(__aarch64__)
constexpr int64_t tile_rows = 12;  // 24 of 32
#else
constexpr int64_t tile_rows = 6;  // 12 of 16
#endif
constexpr int64_t tile_columns = 2 * lanes;
constexpr int64_t depth_block =
    512;  // a panel of B, depth_block · tile_columns, or a tile of A stays in the first-level cache
constexpr int64_t column_block = 512;           // a block of B, depth_block · column_block, in the second-level cache
constexpr int64_t tiles_of_a = 16;              // and one of A beside it
constexpr int64_t a_stride = depth_block + 16;  // off the powers of two, which would share few sets of a cache
constexpr int64_t k_major_stride = tile_rows <= 8 ? 8 : 16;  // rows of a tile of a transposed A, side by side
constexpr int64_t packed_tile = std::max(tile_rows * a_stride, depth_block* k_major_stride) + 16;
static_assert(tile_rows <= k_major_stride);

Packet load(const float* p) { return ploadu<Packet>(p); }
void store(float* p, const Packet& v) { pstoreu(p, v); }

/// C[R, columns] = alpha · A[R, depth] · B[depth, columns] + beta · C, columns ≤ 16·V. `a` is packed: row r at a + r ·
/// a_stride, or, if KMajor, element k of row r at a + k · k_major_stride + r.
template <int R, int V, bool KMajor>
void tile_product(int64_t depth, const float* a, const float* b, int64_t columns, float alpha, float beta, float* c,
                  int64_t ldc) {
  Packet sums[R][V];
  for (auto& row : sums)
    for (Packet& sum : row) sum = pset1<Packet>(0);
  for (int64_t k = 0; k < depth; ++k, b += tile_columns) {
    Packet right[V];
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) right[v] = load(b + v * lanes);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      Packet left = pset1<Packet>(KMajor ? a[k * k_major_stride + r] : a[r * a_stride + k]);
#if defined(__AVX512F__) && defined(__GNUC__)
      asm("" : "+v"(left));  // one load for both products: compilers would fold it into each of them
#endif
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) sums[r][v] = pmadd(left, right[v], sums[r][v]);
    }
  }
  if (columns == V * lanes) {
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) {
        float* const to = c + r * ldc + v * lanes;
        Packet out = pmul(pset1<Packet>(alpha), sums[r][v]);
        if (beta != 0) out = pmadd(pset1<Packet>(beta), load(to), out);
        store(to, out);
      }
    return;
  }
  alignas(64) float out[R][V * lanes];
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) store(out[r] + v * lanes, pmul(pset1<Packet>(alpha), sums[r][v]));
  for (int r = 0; r < R; ++r, c += ldc)
    for (int64_t i = 0; i < columns; ++i) c[i] = beta != 0 ? out[r][i] + beta * c[i] : out[r][i];
}

using TileProduct = void (*)(int64_t, const float*, const float*, int64_t, float, float, float*, int64_t);
template <int V, bool KMajor, int... R>
constexpr std::array<TileProduct, sizeof...(R)> tile_products(std::integer_sequence<int, R...>) {
  return {tile_product<R + 1, V, KMajor>...};
}
/// [V - 1][KMajor][R - 1]
constexpr std::array<std::array<std::array<TileProduct, tile_rows>, 2>, 2> tile_products_of = {
    {{tile_products<1, false>(std::make_integer_sequence<int, tile_rows>()),
      tile_products<1, true>(std::make_integer_sequence<int, tile_rows>())},
     {tile_products<2, false>(std::make_integer_sequence<int, tile_rows>()),
      tile_products<2, true>(std::make_integer_sequence<int, tile_rows>())}}};

/// b[depth, columns], row-major, as panels of tile_columns.
void pack_b(const float* b, int64_t ldb, int64_t depth, int64_t columns, float* packed) {
  for (int64_t j = 0; j < columns; j += tile_columns, packed += depth * tile_columns) {
    const int64_t width = std::min(tile_columns, columns - j);
    for (int64_t k = 0; k < depth; ++k) {
      const float* const from = b + k * ldb + j;
      float* const to = packed + k * tile_columns;
      if (width == tile_columns) {
        store(to, load(from));
        store(to + lanes, load(from + lanes));
      } else {
        std::fill(std::copy_n(from, width, to), to + tile_columns, 0.0f);
      }
    }
  }
}

/// b[columns, depth], row-major, transposed into panels of tile_columns: squares of 4 by 4.
void pack_b_transposed(const float* b, int64_t ldb, int64_t depth, int64_t columns, float* packed) {
  for (int64_t j = 0; j < columns; j += tile_columns, packed += depth * tile_columns) {
    const int64_t width = std::min(tile_columns, columns - j);
    if (width < tile_columns) std::fill_n(packed, depth * tile_columns, 0.0f);
    const int64_t squares = width / 4 * 4, whole = depth / 4 * 4;
    for (int64_t i = 0; i < squares; i += 4) {
      const float* const from = b + (j + i) * ldb;
      for (int64_t k = 0; k < whole; k += 4) {
        PacketBlock<Packet4f, 4> square;
        for (int64_t r = 0; r < 4; ++r) square.packet[r] = ploadu<Packet4f>(from + r * ldb + k);
        ptranspose(square);
        for (int64_t r = 0; r < 4; ++r) pstoreu(packed + (k + r) * tile_columns + i, square.packet[r]);
      }
    }
    for (int64_t i = 0; i < width; ++i)
      for (int64_t k = i < squares ? whole : 0; k < depth; ++k) packed[k * tile_columns + i] = b[(j + i) * ldb + k];
  }
}

/// The rows of a product fall into nearly equal tiles.
struct Tiles {
  int64_t rows, count;
  explicit Tiles(int64_t m) : rows(m), count((m + tile_rows - 1) / tile_rows) {}
  int64_t begin(int64_t t) const { return rows * t / count; }
  int64_t size(int64_t t) const { return begin(t + 1) - begin(t); }
};

/// Tiles [first, last) of a[m, depth], each as its rows, one after another.
void pack_a(const float* a, int64_t lda, const Tiles& tiles, int64_t first, int64_t last, int64_t depth,
            float* packed) {
  for (int64_t t = first; t < last; ++t, packed += packed_tile)
    for (int64_t r = 0; r < tiles.size(t); ++r) {
      const float* const from = a + (tiles.begin(t) + r) * lda;
      float* const to = packed + r * a_stride;
      int64_t k = 0;
      for (; k + lanes <= depth; k += lanes) store(to + k, load(from + k));
      for (; k < depth; ++k) to[k] = from[k];
    }
}

/// Tiles [first, last) of a[depth, m], each as its k-th elements side by side. Goes along the rows of `a`, where its
/// lines are.
void pack_a_transposed(const float* a, int64_t lda, const Tiles& tiles, int64_t first, int64_t last, int64_t depth,
                       float* packed) {
  std::array<int64_t, tiles_of_a> begin;
  for (int64_t t = first; t < last; ++t) begin[t - first] = tiles.begin(t);
  int64_t whole = last - first;  // of the others the 16 elements that are copied would reach past the matrix
  while (whole > 0 && begin[whole - 1] + k_major_stride > tiles.rows) --whole;
  for (int64_t k = 0; k < depth; ++k, a += lda, packed += k_major_stride) {
    for (int64_t t = 0; t < whole; ++t)
      for (int64_t r = 0; r < k_major_stride; r += lanes) store(packed + t * packed_tile + r, load(a + begin[t] + r));
    for (int64_t t = whole; t < last - first; ++t)
      std::copy(a + begin[t], a + tiles.begin(t + 1 + first), packed + t * packed_tile);
  }
}

/// Packed blocks; a thread's own, so that products allocate nothing after its first.
struct Scratch {
  Params a = Params(static_cast<size_t>(tiles_of_a * packed_tile));
  Params b = Params(static_cast<size_t>(depth_block * column_block));
};

}  // namespace

void gemm_blocked(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a,
                  int64_t lda, const float* b, int64_t ldb, float beta, float* c, int64_t ldc) {
  thread_local Scratch scratch;
  float *const packed_a = scratch.a.data(), *const packed_b = scratch.b.data();
  const Tiles tiles(m);
  for (int64_t j = 0; j < n; j += column_block) {
    const int64_t columns = std::min(column_block, n - j);
    for (int64_t l = 0; l < k; l += depth_block) {
      const int64_t depth = std::min(depth_block, k - l);
      if (transpose_b)
        pack_b_transposed(b + j * ldb + l, ldb, depth, columns, packed_b);
      else
        pack_b(b + l * ldb + j, ldb, depth, columns, packed_b);
      for (int64_t first = 0; first < tiles.count; first += tiles_of_a) {
        const int64_t last = std::min(tiles.count, first + tiles_of_a);
        if (transpose_a)
          pack_a_transposed(a + l * lda, lda, tiles, first, last, depth, packed_a);
        else
          pack_a(a + l, lda, tiles, first, last, depth, packed_a);
        for (int64_t panel = 0; panel < columns; panel += tile_columns) {
          const int64_t width = std::min(tile_columns, columns - panel);
          const auto& products = tile_products_of[width > lanes ? 1 : 0][transpose_a ? 1 : 0];
          for (int64_t t = first; t < last; ++t)
            products[static_cast<size_t>(tiles.size(t) - 1)](depth, packed_a + (t - first) * packed_tile,
                                                             packed_b + panel * depth, width, alpha, l ? 1.0f : beta,
                                                             c + tiles.begin(t) * ldc + j + panel, ldc);
        }
      }
    }
  }
}

}  // namespace models
