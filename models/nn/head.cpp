#include "models/nn/head.h"

#include <algorithm>
#include <cmath>

#include "models/nn/kernels.h"
#include "models/nn/lanes.h"

namespace models {
namespace {

/// One chunk of rows. A row's softmax is known only after its last tile, so each tile keeps e^(logit - its own
/// largest), and the backward pass multiplies it by e^(its largest - the row's) / Z on its way into the products.
template <class S>
class Chunk {
 public:
  Chunk(const HeadTask<S>& task, const HeadTiles& tiles, int64_t first)
      : task_(task), tiles_(tiles), first_(first), rows_(std::min(tiles.rows, task.rows - first)) {
    // As HeadTiles::scratch() counts them.
    tops_ = task.scratch;
    sums_ = tops_ + tiles.count * tiles.rows;
    of_target_ = sums_ + tiles.count * tiles.rows;
    scaled_ = of_target_ + tiles.rows;
    kept_ = scaled_ + (tiles.count > 1 && task.dx ? tiles.rows * tiles.stride : 0);
  }

  double forward() {
    for (int64_t t = 0; t < tiles_.count; ++t) {
      S* const tile = tile_at(t);
      gemm<S>(false, true, rows_, columns(t), task_.width, S(1), x(), task_.width, weight(t), task_.width, S(0), tile,
              tiles_.stride);
      for (int64_t row = 0; row < rows_; ++row) exponentiate(t, row, tile + row * tiles_.stride);
    }
    double total = 0;
    for (int64_t row = 0; row < rows_; ++row) {
      S top = tops_[row];
      for (int64_t t = 1; t < tiles_.count; ++t) top = std::max(top, tops_[t * tiles_.rows + row]);
      double sum = 0;
      for (int64_t t = 0; t < tiles_.count; ++t)
        sum += double(sums_[t * tiles_.rows + row]) * std::exp(double(tops_[t * tiles_.rows + row]) - double(top));
      const double loss = double(top) - double(of_target_[row]) + std::log(sum);
      if (task_.losses) task_.losses[first_ + row] = S(loss);
      total += loss;
      if (task_.dx)
        for (int64_t t = 0; t < tiles_.count; ++t)  // from here on a tile's sum is the factor its row still lacks
          sums_[t * tiles_.rows + row] =
              S(std::exp(double(tops_[t * tiles_.rows + row]) - double(top)) / (sum * double(task_.rows)));
    }
    return total;
  }

  /// dlogits = (softmax - one-hot) / N; dx = dlogits · weight; dweight = dlogitsᵀ · x.
  void backward() {
    for (int64_t t = 0; t < tiles_.count; ++t) {
      const S* const tile = tile_at(t);
      S* const dlogits = tiles_.count > 1 ? scaled_ : tile_at(t);
      for (int64_t row = 0; row < rows_; ++row) {
        const S factor = sums_[t * tiles_.rows + row];
        const S* const from = tile + row * tiles_.stride;
        S* const to = dlogits + row * tiles_.stride;
        for_lanes<S>(columns(t),
                     [&](int64_t i, auto part) { store<S>(to + i, load<S>(from + i, part) * factor, part); });
        const int64_t target = task_.targets[first_ + row] - t * tiles_.columns;
        if (target >= 0 && target < columns(t)) to[target] -= S(1 / double(task_.rows));
      }
      gemm<S>(true, false, columns(t), task_.width, rows_, S(1), dlogits, tiles_.stride, x(), task_.width,
              first_ ? S(1) : S(0), task_.dweight + t * tiles_.columns * task_.width, task_.width);
      gemm<S>(false, false, rows_, task_.width, columns(t), S(1), dlogits, tiles_.stride, weight(t), task_.width,
              t ? S(1) : S(0), task_.dx + first_ * task_.width, task_.width);
    }
  }

 private:
  const S* x() const { return task_.x + first_ * task_.width; }
  const S* weight(int64_t t) const { return task_.weight + t * tiles_.columns * task_.width; }
  int64_t columns(int64_t t) const { return std::min(tiles_.columns, task_.vocabulary - t * tiles_.columns); }
  S* tile_at(int64_t t) const { return task_.dx ? kept_ + t * tiles_.rows * tiles_.stride : kept_; }

  void exponentiate(int64_t t, int64_t row, S* logits) {
    using V = Lanes<S>;
    const int64_t n = columns(t), target = task_.targets[first_ + row] - t * tiles_.columns;
    if (target >= 0 && target < n) of_target_[row] = logits[target];
    const S lowest = std::numeric_limits<S>::lowest();
    V top = V::all(lowest);
    for_lanes<S>(n, [&](int64_t i, auto part) { top = larger(top, load<S>(logits + i, part, lowest)); });
    const S largest = max_of(top);
    V sum{};
    for_lanes<S>(n, [&](int64_t i, auto part) {
      const V e = exp_of(load<S>(logits + i, part, lowest) - largest);
      store<S>(logits + i, e, part);
      sum += e;
    });
    tops_[t * tiles_.rows + row] = largest;
    sums_[t * tiles_.rows + row] = sum_of(sum);
  }

  const HeadTask<S>& task_;
  const HeadTiles& tiles_;
  const int64_t first_, rows_;
  S *tops_, *sums_;  ///< [tiles, rows]
  S* of_target_;     ///< [rows]
  S *scaled_, *kept_;
};

}  // namespace

HeadTiles::HeadTiles(int64_t all_rows, int64_t vocabulary) {
  // A tile of 512 by 512 is a megabyte. More rows, and the logits kept for the backward pass grow; fewer, and dweight,
  // as large as the weight, is added to more often.
  rows = std::min<int64_t>(all_rows, 512);
  columns = std::min<int64_t>(vocabulary, 512);
  count = (vocabulary + columns - 1) / columns;
  stride = (columns + 15) / 16 * 16 + 16;
}

int64_t HeadTiles::scratch(bool backward) const {
  const int64_t tile = rows * stride;
  return (2 * count + 1) * rows + tile * (backward ? count + (count > 1 ? 1 : 0) : 1);
}

template <class S>
double head_and_loss(const HeadTask<S>& task) {
  const HeadTiles tiles(task.rows, task.vocabulary);
  double total = 0;
  for (int64_t first = 0; first < task.rows; first += tiles.rows) {
    Chunk<S> chunk(task, tiles, first);
    total += chunk.forward();
    if (task.dx) chunk.backward();
  }
  return total / double(task.rows);
}

template double head_and_loss(const HeadTask<float>&);
template double head_and_loss(const HeadTask<double>&);

}  // namespace models
