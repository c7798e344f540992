#pragma once
#include <optional>
#include <string_view>

#include "models/outer/reduction.h"

namespace models {

/// Tensor by tensor, with norms n_i = |g_i|: w = softmax over the workers of −n_i/T, g = Σ w_i·g_i, scaled down to norm
/// `clip` if it is longer. A g_i whose norm is an anomaly among the worker's own (AnomalyGate) counts as zero, with 10⁶
/// added to n_i. Equal norms, or T → ∞, give the mean. Source: EDiT (Cheng et al. 2025, arXiv:2412.07210), rule from
/// the authors' code.
struct EditConfig {
  static constexpr std::string_view kind = "edit";
  double temperature = 1.0;                       ///< T
  std::optional<double> clip = 10.0;              ///< none: no limit
  double steps_share = 0.0;                       ///< r: w ← (1 − r)·w + r·steps_i / Σ steps
  std::optional<double> anomaly_threshold = 3.0;  ///< none: no gate
  int64_t anomaly_warmup = 120;
};
template <class V>
void fields(V& v, EditConfig& c) {
  v.field("temperature", c.temperature, V::above(0), "", "T: w = softmax of −norm/T; the larger, the more alike");
  v.field("clip", c.clip, V::above(0), "", "Most that a tensor's norm may be after the sum; null: no limit");
  v.field("steps_share", c.steps_share, V::between(0, 1), "",
          "r, share of the weights that follows the workers' numbers of local steps");
  v.field("anomaly_threshold", c.anomaly_threshold, V::above(0), "",
          "Standard deviations above its worker's mean at which a tensor's norm counts as an anomaly; null: never");
  v.field("anomaly_warmup", c.anomaly_warmup, V::between(1, 1e6), "rounds", "Rounds of a worker without that test");
}
std::unique_ptr<Reduction> make(const EditConfig&, const ParamLayout&);

}  // namespace models
