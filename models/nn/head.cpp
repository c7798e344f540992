#include "models/nn/head.h"

#include <algorithm>
#include <cmath>

namespace models {
namespace {

/// One chunk of rows. A row's softmax is known only after its last tile, so each tile keeps e^(logit - its own
/// largest), and the backward pass multiplies it by e^(its largest - the row's) / Z on its way into the products.
template <class S>
class Chunk {
 public:
  Chunk(const HeadTask<S>& task, const HeadTiles& tiles, HeadBuffers<S>& buffers, int64_t first)
      : task_(task),
        tiles_(tiles),
        buffers_(buffers),
        first_(first),
        rows_(std::min(tiles.rows, task.x.rows() - first)),
        backward_(task.dx != nullptr) {}

  double forward() {
    for (int64_t t = 0; t < tiles_.count; ++t) {
      auto logits = tile(t);
      logits.noalias() = x() * weight(t).transpose();
      for (int64_t row = 0; row < rows_; ++row) exponentiate(t, row);
    }
    double total = 0;
    for (int64_t row = 0; row < rows_; ++row) {
      const auto tops = buffers_.tops.col(row).template cast<double>().array();
      auto sums = buffers_.sums.col(row).array();
      const double top = tops.maxCoeff();
      const double sum = (sums.template cast<double>() * (tops - top).exp()).sum();
      const double loss = top - double(buffers_.of_target[row]) + std::log(sum);
      if (task_.losses) task_.losses[first_ + row] = S(loss);
      total += loss;
      // From here on a tile's sum is the factor that its row still lacks.
      sums = ((tops - top).exp() / (sum * double(task_.x.rows()))).template cast<S>();
    }
    return total;
  }

  /// dlogits = (softmax - one-hot) / N; dx = dlogits · weight; dweight = dlogitsᵀ · x.
  void backward() {
    for (int64_t t = 0; t < tiles_.count; ++t) {
      auto dlogits = tile(t);
      for (int64_t row = 0; row < rows_; ++row) {
        dlogits.row(row) *= buffers_.sums(t, row);
        const int64_t target = target_in(t, row);
        if (target >= 0 && target < dlogits.cols()) dlogits(row, target) -= S(1 / double(task_.x.rows()));
      }
      const int64_t C = task_.x.cols();
      Weight<S> dweight(task_.dweight + t * tiles_.columns * C, dlogits.cols(), C);
      Tensor<S> all_dx = *task_.dx;
      auto dx = all_dx.middleRows(first_, rows_);
      if (first_ == 0)
        dweight.noalias() = dlogits.transpose() * x();
      else
        dweight.noalias() += dlogits.transpose() * x();
      if (t == 0)
        dx.noalias() = dlogits * weight(t);
      else
        dx.noalias() += dlogits * weight(t);
    }
  }

 private:
  int64_t columns(int64_t t) const { return std::min(tiles_.columns, task_.weight.rows() - t * tiles_.columns); }
  auto x() const { return task_.x.middleRows(first_, rows_); }
  auto weight(int64_t t) const { return task_.weight.middleRows(t * tiles_.columns, columns(t)); }
  int64_t target_in(int64_t t, int64_t row) const { return task_.targets[first_ + row] - t * tiles_.columns; }
  S* start(int64_t t) const { return buffers_.logits + (backward_ ? t * tiles_.rows * tiles_.stride : 0); }
  PaddedRows<S> tile(int64_t t) const { return {start(t), rows_, columns(t), Eigen::OuterStride<>(tiles_.stride)}; }

  /// One row of a tile becomes e^(logit − its largest).
  void exponentiate(int64_t t, int64_t row) {
    const int64_t n = columns(t), target = target_in(t, row);
    Eigen::Map<RowArray<S>, Eigen::Aligned64> logits(start(t) + row * tiles_.stride, padded(n));
    if (target >= 0 && target < n) buffers_.of_target[row] = logits[target];
    const S top = logits.head(n).maxCoeff();
    logits.tail(logits.size() - n).setConstant(top);  // a whole number of vectors is computed
    logits = (logits - top).exp();
    buffers_.tops(t, row) = top;
    buffers_.sums(t, row) = logits.head(n).sum();
  }

  const HeadTask<S>& task_;
  const HeadTiles& tiles_;
  HeadBuffers<S>& buffers_;
  const int64_t first_, rows_;
  const bool backward_;
};

}  // namespace

HeadTiles::HeadTiles(int64_t all_rows, int64_t vocabulary) {
  // A tile of 512 by 512 is a megabyte. More rows, and the logits kept for the backward pass grow; fewer, and dweight,
  // as large as the weight, is added to more often.
  rows = std::min<int64_t>(all_rows, 512);
  columns = std::min<int64_t>(vocabulary, 512);
  count = (vocabulary + columns - 1) / columns;
  stride = padded(columns) + 16;
}

template <class S>
double head_and_loss(const HeadTask<S>& task, HeadBuffers<S>& buffers) {
  const HeadTiles tiles(task.x.rows(), task.weight.rows());
  double total = 0;
  for (int64_t first = 0; first < task.x.rows(); first += tiles.rows) {
    Chunk<S> chunk(task, tiles, buffers, first);
    total += chunk.forward();
    if (task.dx) chunk.backward();
  }
  return total / double(task.x.rows());
}

template double head_and_loss(const HeadTask<float>&, HeadBuffers<float>&);
template double head_and_loss(const HeadTask<double>&, HeadBuffers<double>&);

}  // namespace models
