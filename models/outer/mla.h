#pragma once
#include <span>
#include <string_view>

#include "models/outer/outer_rule.h"

namespace models {

/// Momentum look-ahead: m ← γm + (1 − γ)g; θ ← θ − ε(γm + g), with the new m. θ is dispatched and evaluated.
/// Source: Ajanthan et al. 2025, "Momentum look-ahead for asynchronous distributed low-communication training", MCDC
/// workshop at ICLR; the rule from three implementations that agree, the paper's own text unseen. The paper's form is
/// the same seen from θ + εγm. γ = 0 is outer SGD, bit for bit. A constant g moves θ by ε(1 + γ)g an update in the end,
/// where Nesterov has ε/(1 − γ).
struct MlaConfig {
  static constexpr std::string_view kind = "mla";
  double rate = 0.7;      ///< ε
  double momentum = 0.9;  ///< γ
};
template <class V>
void fields(V& v, MlaConfig& c) {
  v.field("rate", c.rate, V::above(0), "", "ε, outer learning rate");
  v.field("momentum", c.momentum, V::between(0, 0.999999), "", "γ, decay of the average of pseudo-gradients");
}
std::unique_ptr<OuterRule> make(const MlaConfig&, const RuleContext& = {});

/// The formula above, for stretches of θ, m and g of equal length.
void mla_update(const MlaConfig&, std::span<float> params, std::span<float> momentum, std::span<const float> gradient);

}  // namespace models
