#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "models/outer/outer_rule.h"

namespace models {

/// Delayed Nesterov, DN: gradients act at once, momentum only every N-th time. Source: Liu et al. 2024, Alg. 3.
///   Δ ← Δ + g
///   every N-th update:  m ← βm + Δ/N;  θ ← θ − ε((1 − cN + c)βm + g/N);  Δ ← 0
///   otherwise:          θ ← θ − ε(cβm + g/N)
/// N = 1, c = 0 is plain Nesterov; N updates with c = 0 together are one Nesterov step on their mean gradient.
struct DelayedNesterovConfig {
  static constexpr std::string_view kind = "delayed-nesterov";
  double rate = 0.7;              ///< ε
  double momentum = 0.9;          ///< β
  std::optional<int64_t> period;  ///< N; none: the number of workers
  double spread = 0.0;            ///< c ∈ [0, 1/N]: share of the momentum given to each update in between
};
template <class V>
void fields(V& v, DelayedNesterovConfig& c) {
  v.field("rate", c.rate, V::above(0), "", "ε, outer learning rate");
  v.field("momentum", c.momentum, V::between(0, 0.999999), "", "β, outer momentum");
  v.field("period", c.period, V::between(1, 1e9), "updates",
          "N, updates between two momentum steps; null: number of workers");
  v.field("spread", c.spread, V::between(0, 1), "", "c, share of the momentum in each update in between; at most 1/N");
}
/// Precondition: 1 ≤ N, 0 ≤ c ≤ 1/N.
std::unique_ptr<OuterRule> make(const DelayedNesterovConfig&, const RuleContext& = {});

}  // namespace models
