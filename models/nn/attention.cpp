#include "models/nn/attention.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "models/nn/kernels.h"
#include "models/nn/lanes.h"

namespace models {
namespace {

constexpr int64_t most_block_rows = 32;

/// Scores are stored with rows on 64-byte boundaries.
int64_t padded(int64_t width) { return (width + 15) / 16 * 16; }

/// Rows [first, first + rows) of one head's scores, columns [0, columns), and where they start among the head's kept
/// scalars.
struct Block {
  int64_t first, rows, columns, stride, offset;
};

Block block_at(const AttentionShape& shape, int64_t index) {
  const int64_t step = shape.block_rows();
  Block block;
  block.first = index * step;
  block.rows = std::min(step, shape.length - block.first);
  block.columns = block.first + block.rows;
  block.stride = padded(block.columns);
  block.offset = 0;
  for (int64_t i = 0; i < index; ++i) block.offset += step * padded((i + 1) * step);
  return block;
}

int64_t block_count(const AttentionShape& shape) {
  return (shape.length + shape.block_rows() - 1) / shape.block_rows();
}

/// Softmax of every row of a block up to the row's own column, zeros beyond it up to the stride, a multiple of the
/// lanes. What scores lie there is not looked at. One pass over all rows after the other: rows do not wait for one
/// another, the passes of a row do.
template <class S>
void softmax_block(const Block& block, S* scores) {
  using V = Lanes<S>;
  const S lowest = std::numeric_limits<S>::lowest();
  std::array<S, most_block_rows> tops, scales;
  for (int64_t r = 0; r < block.rows; ++r) {
    const S* const row = scores + r * block.stride;
    V top = V::all(lowest);
    for_lanes<S>(block.first + r + 1,
                 [&](int64_t i, auto part) { top = larger(top, load_padded<S>(row + i, part, lowest)); });
    tops[r] = max_of(top);
  }
  for (int64_t r = 0; r < block.rows; ++r) {
    S* const row = scores + r * block.stride;
    V sum{};
    for_lanes<S>(block.first + r + 1, [&](int64_t i, auto part) {
      const V e = exp_of(load_padded<S>(row + i, part, lowest) - tops[r]);
      store<S>(row + i, e);
      sum += e;
    });
    scales[r] = 1 / sum_of(sum);
  }
  for (int64_t r = 0; r < block.rows; ++r) {
    S* const row = scores + r * block.stride;
    int64_t end = 0;
    for_lanes<S>(block.first + r + 1, [&](int64_t i, auto part) {
      store<S>(row + i, load_padded<S>(row + i, part, S(0)) * scales[r]);
      end = i + lane_count<S>;
    });
    for (; end < block.stride; end += lane_count<S>) store<S>(row + end, V{});
  }
}

}  // namespace

int64_t AttentionShape::block_rows() const { return std::min(length, most_block_rows); }
int64_t AttentionShape::kept_per_head() const {
  const Block last = block_at(*this, block_count(*this) - 1);
  return last.offset + last.rows * last.stride;
}
int64_t AttentionShape::block_size() const { return block_rows() * padded(length); }

template <class S>
void attention_forward(const AttentionShape& shape, const S* qkv, S* y, S* probabilities, bool keep) {
  const int64_t d = shape.head_size, width = shape.width(), stride = 3 * width;
  const S scale = 1 / std::sqrt(S(d));
  for (int64_t sequence = 0; sequence < shape.sequences; ++sequence)
    for (int64_t head = 0; head < shape.heads; ++head) {
      const S* const q = qkv + sequence * shape.length * stride + head * d;
      const S* const k = q + width;
      const S* const v = k + width;
      S* const out = y + sequence * shape.length * width + head * d;
      for (int64_t index = 0; index < block_count(shape); ++index) {
        const Block block = block_at(shape, index);
        S* const p = probabilities + (keep ? block.offset : 0);
        gemm<S>(false, true, block.rows, block.columns, d, scale, q + block.first * stride, stride, k, stride, S(0), p,
                block.stride);
        softmax_block(block, p);
        gemm<S>(false, false, block.rows, d, block.columns, S(1), p, block.stride, v, stride, S(0),
                out + block.first * width, width);
      }
      if (keep) probabilities += shape.kept_per_head();
    }
}

template <class S>
void attention_backward(const AttentionShape& shape, const S* qkv, const S* y, const S* probabilities, const S* dy,
                        S* dqkv, S* scratch) {
  const int64_t d = shape.head_size, width = shape.width(), stride = 3 * width;
  const S scale = 1 / std::sqrt(S(d));
  for (int64_t sequence = 0; sequence < shape.sequences; ++sequence)
    for (int64_t head = 0; head < shape.heads; ++head, probabilities += shape.kept_per_head()) {
      const int64_t at = sequence * shape.length * stride + head * d, at_y = sequence * shape.length * width + head * d;
      const S *const q = qkv + at, *const k = q + width, *const v = k + width;
      S *const dq = dqkv + at, *const dk = dq + width, *const dv = dk + width;
      for (int64_t index = block_count(shape); index-- > 0;) {
        const Block block = block_at(shape, index);
        // The last block reaches all columns: it overwrites dk and dv, the others add to them.
        const S beta = block.columns == shape.length ? S(0) : S(1);
        const S* const p = probabilities + block.offset;
        const S* const dout = dy + at_y + block.first * width;
        const S* const out = y + at_y + block.first * width;
        // out = p v
        gemm<S>(true, false, block.columns, d, block.rows, S(1), p, block.stride, dout, width, beta, dv, stride);
        gemm<S>(false, true, block.rows, block.columns, d, S(1), dout, width, v, stride, S(0), scratch, block.stride);
        // p = softmax(s): ds = p (dp - Σ p dp), and Σ p dp over a row is dout · out
        for (int64_t row = 0; row < block.rows; ++row) {
          Lanes<S> dot{};
          for_lanes<S>(d, [&](int64_t i, auto part) {
            dot += load<S>(dout + row * width + i, part) * load<S>(out + row * width + i, part);
          });
          const S expected = sum_of(dot);
          S* const ds = scratch + row * block.stride;
          const S* const p_row = p + row * block.stride;
          for_lanes<S>(block.columns, [&](int64_t i, auto part) {
            store<S>(ds + i, load<S>(p_row + i, part) * (load<S>(ds + i, part) - expected), part);
          });
        }
        // s = scale · q kᵀ
        gemm<S>(false, false, block.rows, d, block.columns, scale, scratch, block.stride, k, stride, S(0),
                dq + block.first * stride, stride);
        gemm<S>(true, false, block.columns, d, block.rows, scale, scratch, block.stride, q + block.first * stride,
                stride, beta, dk, stride);
      }
    }
}

template <class S>
void rope(const AttentionShape& shape, const S* table, S* qkv, bool backward) {
  const int64_t d = shape.head_size, half = d / 2, width = shape.width();
  const S direction = backward ? S(-1) : S(1);
  for (int64_t token = 0; token < shape.sequences * shape.length; ++token, qkv += 3 * width) {
    const S* const cosines = table + token % shape.length * d;
    const S* const sines = cosines + half;
    for (S* head = qkv; head < qkv + 2 * width; head += d)
      for_lanes<S>(half, [&](int64_t j, auto part) {
        const Lanes<S> c = load<S>(cosines + j, part), s = direction * load<S>(sines + j, part);
        const Lanes<S> a = load<S>(head + j, part), b = load<S>(head + half + j, part);
        store<S>(head + j, a * c - b * s, part);
        store<S>(head + half + j, a * s + b * c, part);
      });
  }
}

#define STRAGGLE_INSTANTIATE(S)                                                                            \
  template void attention_forward(const AttentionShape&, const S*, S*, S*, bool);                          \
  template void attention_backward(const AttentionShape&, const S*, const S*, const S*, const S*, S*, S*); \
  template void rope(const AttentionShape&, const S*, S*, bool);
STRAGGLE_INSTANTIATE(float)
STRAGGLE_INSTANTIATE(double)
#undef STRAGGLE_INSTANTIATE

}  // namespace models
