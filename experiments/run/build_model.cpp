#include "experiments/run/build_model.h"

#include "experiments/config/experiment_config.h"
#include "models/nn/mlp.h"
#include "models/nn/transformer.h"

namespace experiments {

std::unique_ptr<models::Objective> build_objective(const RunConfig& run) {
  if (const auto* transformer = std::get_if<models::TransformerConfig>(&run.model))
    return models::make_transformer(*transformer);
  const models::GaussianMixtureConfig& mixture = std::get<MixtureData>(run.data).mixture;
  return models::make_mlp({mixture.dimensions, std::get<MlpModel>(run.model).hidden, mixture.classes});
}

int64_t parameter_count(const RunConfig& run) {
  return static_cast<int64_t>(build_objective(run)->layout().parameters());
}

}  // namespace experiments
