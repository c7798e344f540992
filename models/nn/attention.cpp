#include "models/nn/attention.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace models {
namespace {

constexpr int64_t most_block_rows = 32;

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

/// A block of one head's scores or probabilities, or of their gradient. S may be const.
template <class S>
PaddedRows<S> block_in(S* scalars, const Block& block) {
  return {scalars, block.rows, block.columns, Eigen::OuterStride<>(block.stride)};
}

template <class S>
constexpr std::array<S, 32> one_then_zero = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

/// Softmax of every row of a block up to the row's own column, zeros beyond it up to the stride.
template <class S>
void causal_softmax(const Block& block, S* scores) {
  if (const int64_t unwritten = block.stride - block.columns)  // which may be no number
    PaddedRows<S>(scores, block.rows, block.stride, Eigen::OuterStride<>(block.stride)).rightCols(unwritten).setZero();
  for (int64_t r = 0; r < block.rows; ++r) {
    Eigen::Map<RowArray<S>, Eigen::Aligned64> row(scores + r * block.stride, block.stride);
    const int64_t seen = block.first + r + 1;
    auto p = row.head(padded(seen));  // whole vectors; of the last 16 scores some may lie beyond the row's own column
    auto last = p.template tail<16>();
    const Eigen::Map<const Eigen::Array<S, 1, 16>> own(one_then_zero<S>.data() + (p.size() - seen));
    last = own * last + (1 - own) * p[0];
    p = (p - p.maxCoeff()).exp();
    last *= own;
    row.tail(block.stride - p.size()).setZero();
    p *= 1 / p.sum();
  }
}

/// What one head of one sequence reads and writes.
template <class S>
auto head_of(const AttentionShape& shape, S& matrix, int64_t sequence, int64_t head, int64_t part = 0) {
  return matrix.block(sequence * shape.length, part * shape.width() + head * shape.head_size, shape.length,
                      shape.head_size);
}

}  // namespace

int64_t AttentionShape::block_rows() const { return std::min(length, most_block_rows); }
int64_t AttentionShape::kept_per_head() const {
  const Block last = block_at(*this, block_count(*this) - 1);
  return last.offset + last.rows * last.stride;
}
int64_t AttentionShape::block_size() const { return block_rows() * padded(length); }

template <class S>
void attention_forward(const AttentionShape& shape, const ConstRows<S>& qkv, Rows<S> y, S* probabilities, bool keep) {
  const S scale = 1 / std::sqrt(S(shape.head_size));
  for (int64_t sequence = 0; sequence < shape.sequences; ++sequence)
    for (int64_t head = 0; head < shape.heads; ++head) {
      const auto q = head_of(shape, qkv, sequence, head, 0), k = head_of(shape, qkv, sequence, head, 1),
                 v = head_of(shape, qkv, sequence, head, 2);
      auto out = head_of(shape, y, sequence, head);
      for (int64_t index = 0; index < block_count(shape); ++index) {
        const Block block = block_at(shape, index);
        S* const at = probabilities + (keep ? block.offset : 0);
        auto p = block_in(at, block);
        p.noalias() = scale * q.middleRows(block.first, block.rows) * k.topRows(block.columns).transpose();
        causal_softmax(block, at);
        out.middleRows(block.first, block.rows).noalias() = p * v.topRows(block.columns);
      }
      if (keep) probabilities += shape.kept_per_head();
    }
}

template <class S>
void attention_backward(const AttentionShape& shape, const ConstRows<S>& qkv, const ConstRows<S>& y,
                        const S* probabilities, const ConstRows<S>& dy, Rows<S> dqkv, S* scratch) {
  const S scale = 1 / std::sqrt(S(shape.head_size));
  for (int64_t sequence = 0; sequence < shape.sequences; ++sequence)
    for (int64_t head = 0; head < shape.heads; ++head, probabilities += shape.kept_per_head()) {
      const auto q = head_of(shape, qkv, sequence, head, 0), k = head_of(shape, qkv, sequence, head, 1),
                 v = head_of(shape, qkv, sequence, head, 2);
      auto dq = head_of(shape, dqkv, sequence, head, 0), dk = head_of(shape, dqkv, sequence, head, 1),
           dv = head_of(shape, dqkv, sequence, head, 2);
      dk.setZero();
      dv.setZero();
      for (int64_t index = 0; index < block_count(shape); ++index) {
        const Block block = block_at(shape, index);
        const auto p = block_in(probabilities + block.offset, block);
        auto ds = block_in(scratch, block);
        const auto out = head_of(shape, y, sequence, head).middleRows(block.first, block.rows);
        const auto dout = head_of(shape, dy, sequence, head).middleRows(block.first, block.rows);
        // out = p v
        dv.topRows(block.columns).noalias() += p.transpose() * dout;
        ds.noalias() = dout * v.topRows(block.columns).transpose();
        // p = softmax(s): ds = p (dp - Σ p dp), and Σ p dp over a row is dout · out
        for (int64_t r = 0; r < block.rows; ++r)
          ds.row(r).array() = p.row(r).array() * (ds.row(r).array() - dout.row(r).dot(out.row(r)));
        // s = scale · q kᵀ
        dq.middleRows(block.first, block.rows).noalias() = scale * ds * k.topRows(block.columns);
        dk.topRows(block.columns).noalias() += scale * ds.transpose() * q.middleRows(block.first, block.rows);
      }
    }
}

template <class S>
void rope(const AttentionShape& shape, const ConstRows<S>& table, Rows<S> qkv, bool backward) {
  const int64_t d = shape.head_size, half = d / 2;
  const S direction = backward ? S(-1) : S(1);
  for (int64_t n = 0; n < qkv.rows(); ++n) {
    const auto angles = table.row(n % shape.length).array();
    const auto c = angles.head(half), s = angles.tail(half);
    for (int64_t at = 0; at < 2 * shape.width(); at += d) {
      auto a = qkv.row(n).segment(at, half), b = qkv.row(n).segment(at + half, half);
      for (int64_t j = 0; j < half; ++j) {  // (a, b) turn together, so neither is a statement of its own
        const S x = a[j], y = b[j], sine = direction * s[j];
        a[j] = x * c[j] - y * sine;
        b[j] = x * sine + y * c[j];
      }
    }
  }
}

#define STRAGGLE_INSTANTIATE(S)                                                                               \
  template void attention_forward(const AttentionShape&, const ConstRows<S>&, Rows<S>, S*, bool);             \
  template void attention_backward(const AttentionShape&, const ConstRows<S>&, const ConstRows<S>&, const S*, \
                                   const ConstRows<S>&, Rows<S>, S*);                                         \
  template void rope(const AttentionShape&, const ConstRows<S>&, Rows<S>, bool);
STRAGGLE_INSTANTIATE(float)
STRAGGLE_INSTANTIATE(double)
#undef STRAGGLE_INSTANTIATE

}  // namespace models
