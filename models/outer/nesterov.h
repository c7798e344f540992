#pragma once
#include <string_view>

#include "models/outer/outer_rule.h"

namespace models {

/// m ← βm + g; θ ← θ − ε(βm + g). DiLoCo's outer optimizer. Source: Liu et al. 2024, Alg. 1 and Eq. 4.
/// k applications to the same g from m = 0 move θ by −ε·g·Σ_{j=1..k}(1 + β + … + β^j) (Eq. 5). β = 0 is plain SGD.
struct NesterovConfig {
  static constexpr std::string_view kind = "nesterov";
  double rate = 0.7;      ///< ε
  double momentum = 0.9;  ///< β
};
template <class V>
void fields(V& v, NesterovConfig& c) {
  v.field("rate", c.rate, V::above(0), "", "ε, outer learning rate");
  v.field("momentum", c.momentum, V::between(0, 0.999999), "", "β, outer momentum");
}
std::unique_ptr<OuterRule> make(const NesterovConfig&, const RuleContext& = {});

}  // namespace models
