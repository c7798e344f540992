#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "models/outer/outer_rule.h"

namespace models {

/// Async Buffer, FedBuff: collects N pseudo-gradients and makes one Nesterov step on their mean; in between θ stands
/// still. Source: Nguyen et al. 2022, Alg. 1, with Nesterov outside (Liu et al. 2024, Fig. 8). N = 1 is plain Nesterov;
/// on k equal workers N = k is synchronous DiLoCo.
struct BufferedConfig {
  static constexpr std::string_view kind = "buffered-nesterov";
  double rate = 0.7;              ///< ε
  double momentum = 0.9;          ///< β
  std::optional<int64_t> period;  ///< N; none: the number of workers
};
template <class V>
void fields(V& v, BufferedConfig& c) {
  v.field("rate", c.rate, V::above(0), "", "ε, outer learning rate");
  v.field("momentum", c.momentum, V::between(0, 0.999999), "", "β, outer momentum");
  v.field("period", c.period, V::between(1, 1e9), "gradients",
          "N, pseudo-gradients collected for one update; null: number of workers");
}
/// Precondition: 1 ≤ N.
std::unique_ptr<OuterRule> make(const BufferedConfig&, const RuleContext& = {});

}  // namespace models
