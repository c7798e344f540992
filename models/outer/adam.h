#pragma once
#include <string_view>

#include "models/outer/outer_rule.h"

namespace models {

/// Adam outside, FedAdam: m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; θ ← θ − ε·m̂/(√v̂ + τ), with the bias corrected:
/// m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ) at the t-th update. Source: Reddi et al. 2021, "Adaptive federated optimization",
/// Alg. 2, which starts from v = τ² and corrects no bias; the correction is Kingma & Ba 2015, Alg. 1.
/// The first update is θ − ε·g/(|g| + τ), whatever the decays; β₁ = β₂ = 0 makes every update that.
struct OuterAdamConfig {
  static constexpr std::string_view kind = "adam";
  double rate = 1e-3;     ///< ε
  double beta1 = 0.9;     ///< β₁
  double beta2 = 0.99;    ///< β₂
  double epsilon = 1e-8;  ///< τ
};
template <class V>
void fields(V& v, OuterAdamConfig& c) {
  v.field("rate", c.rate, V::above(0), "", "ε, outer learning rate");
  v.field("beta1", c.beta1, V::between(0, 0.999999), "", "β₁, decay of the first moment");
  v.field("beta2", c.beta2, V::between(0, 0.9999999), "", "β₂, decay of the second moment");
  v.field("epsilon", c.epsilon, V::above(0), "", "τ, added to the root of the second moment");
}
std::unique_ptr<OuterRule> make(const OuterAdamConfig&, const RuleContext& = {});

}  // namespace models
