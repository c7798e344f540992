#include "experiments/run/build_fragments.h"

#include <string>

#include "experiments/config/experiment_config.h"
#include "experiments/run/build_model.h"
#include "experiments/run/build_workers.h"

namespace experiments {

std::vector<models::Fragment> build_fragments(const RunConfig& run, const models::ParamLayout& layout) {
  return run.in_fragments() ? models::cut(layout, *run.fragments) : std::vector<models::Fragment>();
}

size_t message_count(const RunConfig& run) {
  return run.in_fragments() ? build_fragments(run, build_objective(run)->layout()).size() : 1;
}

std::vector<models::ParamLayout> message_layouts(const RunConfig& run) {
  std::vector<models::ParamLayout> layouts;
  if (!run.stand_in) {
    const auto model = build_objective(run);
    for (models::Fragment& fragment : build_fragments(run, model->layout()))
      layouts.push_back(std::move(fragment.layout));
    return layouts.empty() ? std::vector{model->layout()} : layouts;
  }
  const auto count = static_cast<int64_t>(message_count(run));
  const auto values = static_cast<int64_t>(transfer_bytes(run) / sizeof(float));
  layouts.resize(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i)
    layouts[static_cast<size_t>(i)].add("part", {values * (i + 1) / count - values * i / count},
                                        models::TensorRole::hidden);
  return layouts;
}

std::vector<sim::FragmentBytes> build_bytes(const RunConfig& run) {
  const std::vector<models::ParamLayout> layouts = message_layouts(run);
  const auto bytes = [&](const models::ParamLayout& layout, uint64_t model) {
    const uint64_t upload = models::payload_bytes(run.payload, layout);
    return sim::FragmentBytes{.model = without_server(run.network) ? upload : model, .upload = upload};
  };
  if (layouts.size() == 1) return {bytes(layouts.front(), transfer_bytes(run))};
  std::vector<sim::FragmentBytes> all;
  for (const models::ParamLayout& layout : layouts) all.push_back(bytes(layout, layout.parameters() * sizeof(float)));
  return all;
}

std::optional<sim::StepPhases> build_phases(const RunConfig& run) {
  if (!run.fragments || !run.fragments->by_layer) return std::nullopt;
  const auto model = build_objective(run);
  const auto layers = static_cast<int>(models::layers(model->layout()));
  sim::StepPhases phases{.parts = 3 * layers, .forward = layers, .fragments = {}};
  for (const models::Fragment& fragment : build_fragments(run, model->layout())) {
    const auto layer = static_cast<int>(fragment.layer);
    phases.fragments.push_back(
        {.turn = static_cast<sim::FragmentId>(fragment.part), .ready = layers + 2 * (layers - layer), .needed = layer});
  }
  return phases;
}

}  // namespace experiments
