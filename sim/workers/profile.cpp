#include "sim/workers/profile.h"

#include <array>
#include <cassert>
#include <cmath>

#include "sim/random.h"

namespace sim {
namespace {

RandomStream worker_stream(uint64_t seed, int64_t index) { return {seed, "profile", static_cast<uint64_t>(index)}; }

struct Factor {
  int64_t index, count;

  template <size_t n>
  double cyclic(const std::array<double, n>& values) const {
    return values[static_cast<size_t>(index) % n];
  }

  double operator()(const NoneProfile&) const { return 1.5425; }
  double operator()(const SlightProfile&) const { return cyclic<4>({1.22, 1.28, 1.53, 2.14}); }
  double operator()(const ModerateProfile&) const { return cyclic<4>({0.90, 1.01, 1.52, 2.74}); }
  double operator()(const VeryProfile&) const { return cyclic<4>({0.58, 0.75, 1.51, 3.33}); }
  double operator()(const OneSlowProfile& c) const { return index == count - 1 ? c.factor : 1.0; }
  double operator()(const LinearProfile& c) const {
    if (count == 1) return 1.0;
    return 1.0 + (c.ratio - 1.0) * static_cast<double>(index) / static_cast<double>(count - 1);
  }
  double operator()(const LognormalProfile& c) const {
    return std::exp(c.sigma * worker_stream(c.seed, index).normal(0) - 0.5 * c.sigma * c.sigma);
  }
  double operator()(const ParetoProfile& c) const {
    return (1.0 - 1.0 / c.alpha) * std::pow(1.0 - worker_stream(c.seed, index).uniform(0), -1.0 / c.alpha);
  }
  double operator()(const HalosProfile&) const {
    return 1.0 / cyclic<16>({0.232, 0.907, 0.828, 0.347,  // a region a line
                             0.574, 0.531, 0.722, 0.194,  //
                             0.852, 0.132, 0.896, 0.107,  //
                             0.827, 0.515, 0.527, 0.788});
  }
};

}  // namespace

double seconds_factor(const Profile& profile, int64_t index, int64_t count) {
  assert(index >= 0 && index < count);
  return std::visit(Factor{index, count}, profile);
}

}  // namespace sim
