#pragma once
#include <Eigen/Core>
#include <algorithm>
#include <span>

#include "models/params.h"

#ifdef EIGEN_VECTORIZE_AVX512
/// With exact roots Eigen 3.4 takes them one at a time under AVX-512, although it has the instruction for sixteen.
template <>
struct Eigen::internal::functor_traits<Eigen::internal::scalar_sqrt_op<float>> {
  enum { Cost = 14, PacketAccess = true };
};
#endif

namespace models {

/// A stretch of vectors that are as long as a model: `at(v)` is that stretch of v, as an Eigen array.
class Chunk {
 public:
  static constexpr size_t most = 2048;  ///< elements: of four vectors as much as the first-level cache holds

  Chunk(size_t first, size_t size) : first_(first), size_(size) {}
  auto operator()(std::span<float> v) const { return array<Eigen::Map<Eigen::ArrayXf>>(v.data()); }
  auto operator()(Params& v) const { return array<Eigen::Map<Eigen::ArrayXf>>(v.data()); }
  auto operator()(std::span<const float> v) const { return array<Eigen::Map<const Eigen::ArrayXf>>(v.data()); }

 private:
  template <class Map, class S>
  Map array(S* v) const {
    return Map(v + first_, static_cast<Eigen::Index>(size_));
  }
  size_t first_, size_;
};

/// Runs formulas on vectors of `size` elements a chunk at a time, so that several statements pass through memory once:
///   in_chunks(theta.size(), [&](Chunk at) { at(m) = beta * at(m) + at(g); at(theta) -= rate * at(m); });
/// Element by element: the result does not depend on where a chunk ends.
template <class Formulas>
void in_chunks(size_t size, Formulas formulas) {
  for (size_t first = 0; first < size; first += Chunk::most)
    formulas(Chunk(first, std::min(Chunk::most, size - first)));
}

}  // namespace models
