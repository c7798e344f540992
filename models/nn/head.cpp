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
    tile_ = task.scratch + tiles.row_scalars();
    kept_ = task.dx && tiles.count > 1 ? tile_ + tiles.rows * tiles.stride : nullptr;
  }

  double forward() {
    for (int64_t t = 0; t < tiles_.count; ++t) {
      gemm<S>(false, true, rows_, columns(t), task_.width, S(1), x(), task_.width, weight(t), task_.width, S(0), tile_,
              tiles_.stride);
      for (int64_t row = 0; row < rows_; ++row) exponentiate(t, row);
    }
    if (kept_) stream_fence();
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
      for (int64_t row = 0; row < rows_; ++row) {
        const S factor = sums_[t * tiles_.rows + row];
        const S* const from = kept_ ? kept_row(t, row) : tile_row(row);
        S* const to = tile_row(row);
        for_lanes<S>(columns(t),
                     [&](int64_t i, auto part) { store<S>(to + i, load<S>(from + i, part) * factor, part); });
        const int64_t target = task_.targets[first_ + row] - t * tiles_.columns;
        if (target >= 0 && target < columns(t)) to[target] -= S(1 / double(task_.rows));
      }
      gemm<S>(true, false, columns(t), task_.width, rows_, S(1), tile_, tiles_.stride, x(), task_.width,
              first_ ? S(1) : S(0), task_.dweight + t * tiles_.columns * task_.width, task_.width);
      gemm<S>(false, false, rows_, task_.width, columns(t), S(1), tile_, tiles_.stride, weight(t), task_.width,
              t ? S(1) : S(0), task_.dx + first_ * task_.width, task_.width);
    }
  }

 private:
  const S* x() const { return task_.x + first_ * task_.width; }
  const S* weight(int64_t t) const { return task_.weight + t * tiles_.columns * task_.width; }
  int64_t columns(int64_t t) const { return std::min(tiles_.columns, task_.vocabulary - t * tiles_.columns); }
  S* tile_row(int64_t row) const { return tile_ + row * tiles_.stride; }
  S* kept_row(int64_t t, int64_t row) const { return kept_ + (t * tiles_.rows + row) * tiles_.stride; }

  void exponentiate(int64_t t, int64_t row) {
    using V = Lanes<S>;
    S* const logits = tile_row(row);
    const int64_t n = columns(t), target = task_.targets[first_ + row] - t * tiles_.columns;
    if (target >= 0 && target < n) of_target_[row] = logits[target];
    const S lowest = std::numeric_limits<S>::lowest();
    V top = V::all(lowest);
    for_lanes<S>(n, [&](int64_t i, auto part) { top = larger(top, load<S>(logits + i, part, lowest)); });
    const S largest = max_of(top);
    V sum{};
    const auto e_of = [&](int64_t i, auto part) {
      const V e = exp_of(load<S>(logits + i, part, lowest) - largest);
      sum += e;
      return e;
    };
    if (kept_) {  // past the caches: by the time of the backward pass it would have left them anyway
      S* const to = kept_row(t, row);
      for_lanes<S>(n, [&](int64_t i, auto part) { stream<S>(to + i, e_of(i, part), part); });
    } else {
      for_lanes<S>(n, [&](int64_t i, auto part) { store<S>(logits + i, e_of(i, part), part); });
    }
    tops_[t * tiles_.rows + row] = largest;
    sums_[t * tiles_.rows + row] = sum_of(sum);
  }

  const HeadTask<S>& task_;
  const HeadTiles& tiles_;
  const int64_t first_, rows_;
  S *tops_, *sums_;  ///< [tiles, rows]
  S* of_target_;     ///< [rows]
  S* tile_;          ///< [rows, stride]: logits, then what their e^ or their gradient is
  S* kept_;          ///< [tiles, rows, stride]: every tile's e^ until the backward pass; nullptr where tile_ is all
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

int64_t HeadTiles::row_scalars() const { return ((2 * count + 1) * rows + 15) / 16 * 16; }

int64_t HeadTiles::scratch(bool backward) const {
  return row_scalars() + rows * stride * (1 + (backward && count > 1 ? count : 0));
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
