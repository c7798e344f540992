#pragma once
#include <string_view>

#include "models/outer/outer_rule.h"
#include "models/train/inner_optimizer.h"
#include "models/train/schedule.h"

namespace models {

/// An ordinary optimizer on the server: one AdamW or SGD step an update, its learning rate scheduled over the updates.
/// With workers that send plain gradients of one batch each, H = 1 and a barrier it is data-parallel training with a k
/// times larger batch: "Finetune, k× batch" in Liu et al. 2024, Tables 1–3. k = 1 is ordinary training, bit for bit.
struct ServerOptimizerConfig {
  static constexpr std::string_view kind = "optimizer";
  InnerConfig optimizer;
  Schedule learning_rate;  ///< total_steps in server updates
};
template <class V>
void fields(V& v, ServerOptimizerConfig& c) {
  v.field("optimizer", c.optimizer, V::any(), "", "The optimizer that steps on the mean of the workers' gradients");
  v.field("learning_rate", c.learning_rate, V::any(), "", "Its schedule, over server updates");
}
/// Precondition: the schedule has its total_steps. `layout` says which tensors decay; it must outlive the rule.
std::unique_ptr<OuterRule> make(const ServerOptimizerConfig&, const RuleContext& = {});

}  // namespace models
