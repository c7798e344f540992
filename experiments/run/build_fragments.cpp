#include "experiments/run/build_fragments.h"

#include <string>

#include "experiments/config/experiment_config.h"
#include "experiments/run/build_model.h"
#include "experiments/run/build_workers.h"

namespace experiments {

models::ParamLayout message_layout(const RunConfig& run) {
  if (!run.stand_in) return build_objective(run)->layout();
  models::ParamLayout layout;
  const int64_t count = run.fragment_count(), values = static_cast<int64_t>(transfer_bytes(run) / sizeof(float));
  for (int64_t i = 0; i < count; ++i)
    layout.add("part " + std::to_string(i), {values * (i + 1) / count - values * i / count},
               models::TensorRole::hidden);
  return layout;
}

std::vector<models::Fragment> build_fragments(const RunConfig& run, const models::ParamLayout& layout) {
  return run.fragment_count() > 1 ? models::cut(layout, *run.fragments) : std::vector<models::Fragment>();
}

}  // namespace experiments
