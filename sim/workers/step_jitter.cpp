#include "sim/workers/step_jitter.h"

#include <cassert>
#include <cmath>

namespace sim {
namespace {

double exponential(const RandomStream& stream, uint64_t n) { return -std::log1p(-stream.uniform(n)); }

/// A draw that falls outside is drawn again 2^52 counters further on, where no step ever is.
double multiplier(const NormalJitter& c, const RandomStream& stream, uint64_t n) {
  for (uint64_t attempt = 0;; ++attempt) {
    const double m = 1.0 + c.deviation * stream.normal(n + (attempt << 52));
    if (m >= 0.0 && m <= 2.0) return m;
  }
}
double multiplier(const LognormalJitter& c, const RandomStream& stream, uint64_t n) {
  return std::exp(c.sigma * stream.normal(n) - 0.5 * c.sigma * c.sigma);
}
double multiplier(const ExponentialJitter&, const RandomStream& stream, uint64_t n) { return exponential(stream, n); }
double multiplier(const ShiftedExponentialJitter& c, const RandomStream& stream, uint64_t n) {
  return 1.0 - c.random_share + c.random_share * exponential(stream, n);
}
double multiplier(const ParetoJitter& c, const RandomStream& stream, uint64_t n) {
  return (1.0 - 1.0 / c.alpha) * std::exp(exponential(stream, n) / c.alpha);
}
double multiplier(const BimodalJitter& c, const RandomStream& stream, uint64_t n) {
  return stream.uniform(n) < c.probability ? c.factor : 1.0;
}

template <class Spec>
class Jitter final : public StepJitter {
 public:
  Jitter(const Spec& spec, const RandomStream& stream) : spec_(spec), stream_(stream) {}

  double work(int64_t round, int64_t first_step, int64_t steps) const override {
    assert(round >= 0 && first_step >= 0 && steps >= 0);
    if (spec_.per == JitterPer::round)
      return static_cast<double>(steps) * multiplier(spec_, stream_, static_cast<uint64_t>(round));
    double sum = 0.0;
    for (int64_t i = 0; i < steps; ++i) sum += multiplier(spec_, stream_, static_cast<uint64_t>(first_step + i));
    return sum;
  }

 private:
  Spec spec_;
  RandomStream stream_;
};

}  // namespace

double mean_of(const JitterSpec& spec) {
  const auto* bimodal = std::get_if<BimodalJitter>(&spec);
  return bimodal ? 1.0 + bimodal->probability * (bimodal->factor - 1.0) : 1.0;
}

std::unique_ptr<StepJitter> make_step_jitter(const JitterSpec& spec, RandomStream worker) {
  return std::visit(
      [&](const auto& c) -> std::unique_ptr<StepJitter> {
        return std::make_unique<Jitter<std::decay_t<decltype(c)>>>(c, worker);
      },
      spec);
}

}  // namespace sim
