#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <variant>

#include "sim/random.h"

namespace sim {

/// What is drawn anew each time: every step's cost, or one for all steps of a round.
enum class JitterPer : uint8_t { step, round };
constexpr auto names_of(JitterPer) {
  return std::array{std::pair{JitterPer::step, "step"}, std::pair{JitterPer::round, "round"}};
}
inline constexpr const char* kJitterPer = "A draw for each step, or one for all steps of a round";

// The distributions of the multiplier m of a step's time. z is a standard normal, u a uniform draw in [0, 1).

/// m = 1 + deviation · z, given that 0 ≤ m ≤ 2. Mean 1 by symmetry; variance
/// deviation² (1 − 2 a φ(a) / (2 Φ(a) − 1)), a = 1 / deviation.
struct NormalJitter {
  static constexpr std::string_view kind = "normal";
  double deviation = 0.1;  ///< > 0, before the cut
  JitterPer per = JitterPer::step;
};
template <class V>
void fields(V& v, NormalJitter& c) {
  v.field("deviation", c.deviation, V::above(0, 10), "", "Standard deviation before the cut at 0 and 2; mean 1");
  v.field("per", c.per, V::any(), "", kJitterPer);
}
/// m = exp(sigma z − sigma² / 2). Mean 1, variance exp(sigma²) − 1.
struct LognormalJitter {
  static constexpr std::string_view kind = "lognormal";
  double sigma = 0.2;  ///< > 0
  JitterPer per = JitterPer::step;
};
template <class V>
void fields(V& v, LognormalJitter& c) {
  v.field("sigma", c.sigma, V::above(0, 5), "", "σ of the logarithm; mean 1");
  v.field("per", c.per, V::any(), "", kJitterPer);
}
/// m = −ln(1 − u). Mean 1, variance 1.
struct ExponentialJitter {
  static constexpr std::string_view kind = "exponential";
  JitterPer per = JitterPer::step;
};
template <class V>
void fields(V& v, ExponentialJitter& c) {
  v.field("per", c.per, V::any(), "", kJitterPer);
}
/// m = 1 − random_share − random_share ln(1 − u). Mean 1, variance random_share², at least 1 − random_share.
struct ShiftedExponentialJitter {
  static constexpr std::string_view kind = "shifted-exponential";
  double random_share = 0.5;  ///< in (0, 1]; 1 is the exponential
  JitterPer per = JitterPer::step;
};
template <class V>
void fields(V& v, ShiftedExponentialJitter& c) {
  v.field("random_share", c.random_share, V::above(0, 1), "",
          "Share of a mean step's time that is exponential; the rest is fixed; mean 1");
  v.field("per", c.per, V::any(), "", kJitterPer);
}
/// m = (1 − 1/alpha) (1 − u)^(−1/alpha). Mean 1; variance 1 / (alpha (alpha − 2)), infinite for alpha ≤ 2; at least
/// 1 − 1/alpha.
struct ParetoJitter {
  static constexpr std::string_view kind = "pareto";
  double alpha = 3.0;  ///< > 1
  JitterPer per = JitterPer::step;
};
template <class V>
void fields(V& v, ParetoJitter& c) {
  v.field("alpha", c.alpha, V::above(1, 1e6), "", "Exponent α of the tail: small is heavy; mean 1");
  v.field("per", c.per, V::any(), "", kJitterPer);
}
/// m = factor with this probability, else 1. Mean 1 + probability (factor − 1), variance
/// probability (1 − probability) (factor − 1)².
struct BimodalJitter {
  static constexpr std::string_view kind = "bimodal";
  double probability = 0.05;
  double factor = 4.0;  ///< ≥ 0
  JitterPer per = JitterPer::step;
};
template <class V>
void fields(V& v, BimodalJitter& c) {
  v.field("probability", c.probability, V::between(0, 1), "", "Of a slow one");
  v.field("factor", c.factor, V::between(0, 1e6), "", "How many times as long a slow one takes; the others take 1");
  v.field("per", c.per, V::any(), "", kJitterPer);
}
/// Every jitter there is.
using JitterSpec = std::variant<NormalJitter, LognormalJitter, ExponentialJitter, ShiftedExponentialJitter,
                                ParetoJitter, BimodalJitter>;

/// E m.
double mean_of(const JitterSpec&);

/// By how much one worker's steps take longer or shorter than its speed says. Immutable; every draw is stateless, a
/// function of the worker's own step or round number, so that its n-th step costs the same under every method.
class StepJitter {
 public:
  virtual ~StepJitter() = default;
  /// How many steps of nominal length `steps` local steps amount to: the sum of the steps' multipliers, or steps × the
  /// round's. `first_step` counts the worker's own steps in all its rounds before, `round` those rounds.
  virtual double work(int64_t round, int64_t first_step, int64_t steps) const = 0;
};

std::unique_ptr<StepJitter> make_step_jitter(const JitterSpec&, RandomStream worker);

}  // namespace sim
