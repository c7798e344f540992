#include "models/data/gaussian_mixture.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "models/data/permutation.h"

namespace models {
namespace {

Permutation drawn_order(int64_t size, const RandomSource& random, uint64_t entity, uint64_t counter) {
  return Permutation(static_cast<uint64_t>(size), random.below(std::numeric_limits<uint64_t>::max(), entity, counter));
}

void shape(Batch& batch, int64_t rows, int64_t dimensions) {
  batch.sequences = rows;
  batch.length = 1;
  batch.inputs.clear();
  batch.targets.resize(static_cast<size_t>(rows));
  batch.features.resize(static_cast<size_t>(rows * dimensions));
}

void copy_point(const LabelledPoints& points, int64_t point, Batch& batch, int64_t row) {
  const int64_t D = points.dimensions;
  std::copy_n(points.features.data() + point * D, D, batch.features.data() + row * D);
  batch.targets[static_cast<size_t>(row)] = points.labels[static_cast<size_t>(point)];
}

}  // namespace

LabelledPoints draw_points(const GaussianMixtureConfig& config, const RandomSource& random) {
  const int64_t D = config.dimensions, gaussians = config.classes * config.clusters;
  std::vector<double> centres(static_cast<size_t>(gaussians * D));
  for (int64_t c = 0; c < gaussians; ++c) {
    double* const centre = centres.data() + c * D;
    double squares = 0.0;
    for (int64_t d = 0; d < D; ++d) {
      centre[d] = random.normal(static_cast<uint64_t>(c), static_cast<uint64_t>(d));
      squares += centre[d] * centre[d];
    }
    for (int64_t d = 0; d < D; ++d) centre[d] /= std::sqrt(squares);
  }
  LabelledPoints points;
  points.dimensions = D;
  points.features.resize(static_cast<size_t>(config.points * D));
  points.labels.resize(static_cast<size_t>(config.points));
  for (int64_t i = 0; i < config.points; ++i) {
    const int64_t gaussian = i % gaussians;
    const double* const centre = centres.data() + gaussian * D;
    float* const x = points.features.data() + i * D;
    const uint64_t entity = static_cast<uint64_t>(gaussians + i);
    for (int64_t d = 0; d < D; ++d)
      x[d] = static_cast<float>(centre[d] + config.noise * random.normal(entity, static_cast<uint64_t>(d)));
    points.labels[static_cast<size_t>(i)] = static_cast<int32_t>(gaussian % config.classes);
  }
  return points;
}

std::vector<std::vector<int32_t>> deal_points(int64_t points, int64_t count, const RandomSource& random) {
  const Permutation order = drawn_order(points, random, 0, 0);
  std::vector<std::vector<int32_t>> shards(static_cast<size_t>(count));
  for (int64_t i = 0; i < points; ++i)
    shards[static_cast<size_t>(i % count)].push_back(static_cast<int32_t>(order(static_cast<uint64_t>(i))));
  return shards;
}

PointBatches::PointBatches(const LabelledPoints& points, const std::vector<int32_t>& shard, const RandomSource& random,
                           uint64_t entity)
    : points_(points), shard_(shard), random_(random), entity_(entity) {
  assert(!shard.empty());
}

void PointBatches::fill(int64_t first, int64_t count, Batch& batch) const {
  assert(first >= 0 && count >= 1);
  shape(batch, count, points_.dimensions);
  const int64_t size = static_cast<int64_t>(shard_.size());
  for (int64_t row = 0; row < count;) {
    const int64_t epoch = (first + row) / size, place = (first + row) % size;
    const int64_t rows = std::min(size - place, count - row);  // up to the epoch's end
    const Permutation order = drawn_order(size, random_, entity_, static_cast<uint64_t>(epoch));
    for (int64_t i = 0; i < rows; ++i, ++row)
      copy_point(points_, shard_[order(static_cast<uint64_t>(place + i))], batch, row);
  }
}

std::vector<Batch> sample_points(const LabelledPoints& points, int64_t count, int64_t batch_size,
                                 const RandomSource& random) {
  const int64_t taken = count == 0 ? points.size() : std::min(count, points.size());
  const Permutation order = drawn_order(points.size(), random, 0, 0);
  std::vector<Batch> batches;
  for (int64_t first = 0; first < taken; first += batch_size) {
    Batch& batch = batches.emplace_back();
    shape(batch, std::min(batch_size, taken - first), points.dimensions);
    for (int64_t row = 0; row < batch.sequences; ++row)
      copy_point(points, static_cast<int64_t>(order(static_cast<uint64_t>(first + row))), batch, row);
  }
  return batches;
}

}  // namespace models
