#pragma once
#include <string_view>

#include "models/outer/correction.h"

namespace models {

/// Delay compensation: g ← g + λ g ⊙ g ⊙ (θ_now − θ_dispatch), a first-order estimate of the gradient at θ_now with
/// g ⊙ g for the Hessian's diagonal. Source: Zheng et al. 2017, "Asynchronous stochastic gradient descent with delay
/// compensation", Eq. 10, on pseudo-gradients. With λ = 0 or θ_now = θ_dispatch (s = 0) it changes no value.
struct DelayCompensationConfig {
  static constexpr std::string_view kind = "delay-compensation";
  double lambda = 0.1;  ///< λ
};
template <class V>
void fields(V& v, DelayCompensationConfig& c) {
  v.field("lambda", c.lambda, V::at_least(0), "", "λ of g + λ g² (θ now − θ at dispatch)");
}
std::unique_ptr<Correction> make(const DelayCompensationConfig&);

}  // namespace models
