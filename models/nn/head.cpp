#include "models/nn/head.h"

#include <algorithm>
#include <cmath>

#include "models/nn/kernels.h"
#include "models/nn/lanes.h"

namespace models {
namespace {

/// -log softmax(logits)[target]; with `dscale` != 0 replaces logits by dscale · (softmax - one-hot).
template <class S>
double cross_entropy_row(int64_t n, S* logits, int32_t target, S dscale) {
  using V = Lanes<S>;
  const S lowest = std::numeric_limits<S>::lowest();
  V top = lowest - V{};
  for_lanes<S>(n, [&](int64_t i, auto part) {
    top = larger(top, load<S>(logits + i, part, lowest));
  });
  const S largest = max_of(top), of_target = logits[target];
  V sum{};
  const auto add = [&](int64_t i, auto part) {
    const V e = exp_of(load<S>(logits + i, part, lowest) - largest);
    sum += e;
    return e;
  };
  if (dscale == S(0)) {
    for_lanes<S>(n, [&](int64_t i, auto part) { add(i, part); });
    return double(largest) - double(of_target) + std::log(double(sum_of(sum)));
  }
  for_lanes<S>(n, [&](int64_t i, auto part) { store<S>(logits + i, add(i, part), part); });
  const S total = sum_of(sum), factor = dscale / total;
  for_lanes<S>(n, [&](int64_t i, auto part) { store<S>(logits + i, load<S>(logits + i, part) * factor, part); });
  logits[target] -= dscale;
  return double(largest) - double(of_target) + std::log(double(total));
}

}  // namespace

template <class S>
int64_t HeadTask<S>::chunk_rows(int64_t rows, int64_t vocabulary) {
  // At least 256 rows keep the products efficient; more while the logits stay within about half a megabyte.
  return std::min(rows, std::max<int64_t>(256, (1 << 17) / vocabulary / 16 * 16));
}

template <class S>
double head_and_loss(const HeadTask<S>& task) {
  const int64_t C = task.width, V = task.vocabulary, chunk = task.chunk_rows(task.rows, V);
  const S dscale = task.dx ? 1 / S(task.rows) : S(0);
  double total = 0;
  for (int64_t first = 0; first < task.rows; first += chunk) {
    const int64_t rows = std::min(chunk, task.rows - first);
    const S* const x = task.x + first * C;
    gemm<S>(false, true, rows, V, C, S(1), x, C, task.weight, C, S(0), task.logits, V);
    for (int64_t row = 0; row < rows; ++row) {
      const double loss = cross_entropy_row(V, task.logits + row * V, task.targets[first + row], dscale);
      if (task.losses) task.losses[first + row] = S(loss);
      total += loss;
    }
    if (!task.dx) continue;
    gemm<S>(true, false, V, C, rows, S(1), task.logits, V, x, C, first ? S(1) : S(0), task.dweight, C);
    gemm<S>(false, false, rows, C, V, S(1), task.logits, V, task.weight, C, S(0), task.dx + first * C, C);
  }
  return total / double(task.rows);
}

template struct HeadTask<float>;
template struct HeadTask<double>;
template double head_and_loss(const HeadTask<float>&);
template double head_and_loss(const HeadTask<double>&);

}  // namespace models
