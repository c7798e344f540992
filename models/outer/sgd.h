#pragma once
#include <string_view>

#include "models/outer/outer_rule.h"

namespace models {

/// m ← βm + g; θ ← θ − ε·m. β = 0 is plain SGD; with ε = 1 and the workers' mean it is parameter averaging (FedAvg).
/// Source: McMahan et al. 2017; Hsu et al. 2019 for the momentum. One application is θ − ε·g whatever β is.
struct OuterSgdConfig {
  static constexpr std::string_view kind = "sgd";
  double rate = 1.0;      ///< ε
  double momentum = 0.0;  ///< β
};
template <class V>
void fields(V& v, OuterSgdConfig& c) {
  v.field("rate", c.rate, V::above(0), "", "ε, outer learning rate");
  v.field("momentum", c.momentum, V::between(0, 0.999999), "", "β, outer momentum");
}
std::unique_ptr<OuterRule> make(const OuterSgdConfig&, const RuleContext& = {});

}  // namespace models
