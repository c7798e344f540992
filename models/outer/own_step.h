#pragma once
#include <memory>
#include <string_view>

#include "models/outer/landing.h"

namespace models {

/// Every replica takes the outer step by itself, a round late: the server only sends the mean back, which has a whole
/// round to arrive. At the end of round r, with its fresh g(r) and the others' mean ḡ(r − 1),
///   delayed:  e = ḡ(r − 1)
///   eager:    e = ḡ(r − 1) + (g(r) − g(r − 1)) / k
/// and the outer rule takes the step e from what round r began with. Round 1 has no mean yet: e = g(1), which is ours.
/// Source: eager updates, arXiv:2502.12996, whose formula is known from two texts that agree, not from its own.
struct OwnStepConfig {
  static constexpr std::string_view kind = "own-step";
  bool eager = true;
};
template <class V>
void fields(V& v, OwnStepConfig& c) {
  v.field("eager", c.eager, V::any(), "",
          "The late mean's own part is replaced by the fresh pseudo-gradient; false: the late mean as it is");
}
/// `rule` is the replica's own; `workers` is k.
std::unique_ptr<Landing> make_own_step(const OwnStepConfig&, std::unique_ptr<OuterRule> rule, int64_t workers);
/// The server's side: θ goes the mean of all replicas' ways, of a rule that is linear exactly. `apply` gets ḡ(r).
std::unique_ptr<OuterRule> make_mean_of_own_steps(const OwnStepConfig&, std::unique_ptr<OuterRule> rule,
                                                  int64_t workers);

}  // namespace models
