#pragma once
#include <cstdint>
#include <string_view>

#include "models/outer/outer_rule.h"

namespace models {

/// Nesterov on an average, forgotten now and then: n ← βm + (1 − β)g; θ ← θ − ν((1 + β)n − βm); m ← n, and m ← 0 after
/// every K-th update. Source: arXiv 2605.28585 (2026), as summaries tell it; the paper's own text unseen.
/// As (1 + β)n − βm = βn + (1 − β)g, without restarts it is Nesterov with ε = ν(1 − β). The first update after a
/// restart is θ − ν(1 − β²)g.
struct NesterovRestartConfig {
  static constexpr std::string_view kind = "nesterov-restart";
  double rate = 0.9;      ///< ν
  double momentum = 0.7;  ///< β
  int64_t period = 3;     ///< K; 0: never
};
template <class V>
void fields(V& v, NesterovRestartConfig& c) {
  v.field("rate", c.rate, V::above(0), "", "ν, outer learning rate, 1/(1 − β) times that of plain Nesterov");
  v.field("momentum", c.momentum, V::between(0, 0.999999), "", "β, decay of the average of pseudo-gradients");
  v.field("period", c.period, V::between(0, 1e9), "updates", "K, updates from one restart to the next; 0: never");
}
std::unique_ptr<OuterRule> make(const NesterovRestartConfig&, const RuleContext& = {});

}  // namespace models
