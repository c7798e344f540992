#pragma once
#include <string_view>

#include "models/outer/outer_rule.h"

namespace models {

/// Schedule-free SGD outside: at the t-th update z ← z − εg; θ ← (1 − 1/t)θ + z/t. Workers start from (1 − b)z + bθ; z
/// starts as θ. So θ, which is evaluated and saved, is the mean of all z so far (x in the literature).
/// Source: Defazio et al. 2024, "The road less scheduled"; as an outer optimizer Khaled et al. 2025, arXiv 2509.10439.
/// The defaults are theirs, the rule is as commonly known and was not compared with their text.
/// b = 0 dispatches z, which goes as outer SGD does, bit for bit; b = 1 dispatches θ.
struct ScheduleFreeConfig {
  static constexpr std::string_view kind = "schedule-free";
  double rate = 2.0;           ///< ε
  double interpolation = 0.2;  ///< b
};
template <class V>
void fields(V& v, ScheduleFreeConfig& c) {
  v.field("rate", c.rate, V::above(0), "", "ε, outer learning rate");
  v.field("interpolation", c.interpolation, V::between(0, 1), "",
          "b, share of the mean, which is evaluated, in what workers start from; the rest is the newest point");
}
std::unique_ptr<OuterRule> make(const ScheduleFreeConfig&, const RuleContext& = {});

}  // namespace models
