#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "models/data/batch_source.h"
#include "models/random_source.h"

namespace models {

/// A mixture of mixtures: `classes` classes of `clusters` Gaussians each in D = `dimensions` dimensions, their centres
/// random directions of length 1, `noise` the deviation of every coordinate. The toy of Liu et al. 2024, Fig. 9; the
/// defaults are the published ones.
struct GaussianMixtureConfig {
  int64_t classes = 4;
  int64_t clusters = 8;  ///< a class
  int64_t dimensions = 512;
  double noise = 0.5;
  int64_t points = 128000;
};
template <class V>
void fields(V& v, GaussianMixtureConfig& c) {
  v.field("classes", c.classes, V::between(2, 1 << 16), "", "Classes to tell apart");
  v.field("clusters", c.clusters, V::between(1, 1 << 16), "", "Gaussians of a class");
  v.field("dimensions", c.dimensions, V::between(1, 1 << 20), "", "D, coordinates of a point");
  v.field("noise", c.noise, V::at_least(0), "", "Standard deviation of every coordinate around a centre of length 1");
  v.field("points", c.points, V::between(1, 1e8), "points", "Training points, drawn afresh for each seed");
}

/// Points with their classes.
struct LabelledPoints {
  int64_t dimensions = 0;       ///< D
  std::vector<float> features;  ///< [points, D]
  std::vector<int32_t> labels;  ///< [points]
  int64_t size() const { return static_cast<int64_t>(labels.size()); }
};

/// Point i belongs to Gaussian i mod (classes · clusters), and that one to class (its number) mod classes, so all are
/// equally large to within one point. Draws: the centres are entities 0 … classes · clusters − 1, the points follow;
/// the counter is the coordinate.
LabelledPoints draw_points(const GaussianMixtureConfig&, const RandomSource&);

/// All points dealt out at random to `count` shards, as point numbers; sizes are equal to within one.
std::vector<std::vector<int32_t>> deal_points(int64_t points, int64_t count, const RandomSource&);

/// The batches of a shard of points, an endless sequence of epochs, each in an order of its own.
class PointBatches final : public BatchSource {
 public:
  /// `points`, `shard` (not empty) and `random` must outlive this; `entity` names the shard in the random source.
  PointBatches(const LabelledPoints& points, const std::vector<int32_t>& shard, const RandomSource& random,
               uint64_t entity);
  void fill(int64_t first, int64_t count, Batch& batch) const override;

 private:
  const LabelledPoints& points_;
  const std::vector<int32_t>& shard_;
  const RandomSource& random_;
  uint64_t entity_;
};

/// `count` points drawn at random without repetition (all of them when 0 or too many), in batches of at most
/// `batch_size`.
std::vector<Batch> sample_points(const LabelledPoints&, int64_t count, int64_t batch_size, const RandomSource&);

}  // namespace models
