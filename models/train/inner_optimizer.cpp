#include "models/train/inner_optimizer.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "models/chunks.h"
#include "models/vector_math.h"

namespace models {
namespace {

double clip_norm(const InnerConfig& config) {
  return std::visit([](const auto& optimizer) { return optimizer.clip_norm; }, config);
}

}  // namespace

InnerStep::InnerStep(const InnerConfig& config, const ParamLayout& layout, double learning_rate,
                     std::span<float> params, OptimizerState& state, double scale)
    : layout_(layout), learning_rate_(learning_rate), params_(params), state_(state) {
  ++state.steps;
  if (state.first.empty()) state.first.assign(params.size(), 0.0f);
  if (const auto* sgd = std::get_if<SgdConfig>(&config)) {
    weight_decay_ = sgd->weight_decay;
    factors_ = Sgd{static_cast<float>(sgd->momentum), static_cast<float>(scale), static_cast<float>(learning_rate)};
    return;
  }
  if (state.second.empty()) state.second.assign(params.size(), 0.0f);
  const AdamWConfig& adamw = std::get<AdamWConfig>(config);
  const double steps = static_cast<double>(state.steps);
  const float clip = static_cast<float>(scale);
  weight_decay_ = adamw.weight_decay;
  factors_ = AdamW{.beta1 = static_cast<float>(adamw.beta1),
                   .rest1 = static_cast<float>(1 - adamw.beta1) * clip,
                   .beta2 = static_cast<float>(adamw.beta2),
                   .rest2 = static_cast<float>(1 - adamw.beta2) * clip * clip,
                   .step = static_cast<float>(learning_rate / (1 - std::pow(adamw.beta1, steps))),
                   .root_scale = static_cast<float>(1 / std::sqrt(1 - std::pow(adamw.beta2, steps))),
                   .epsilon = static_cast<float>(adamw.epsilon)};
}

void InnerStep::operator()(size_t first, std::span<const float> gradient) {
  for (const TensorSpec& tensor : layout_.tensors()) {
    const size_t from = std::max(tensor.offset, first);
    const size_t to = std::min(tensor.offset + tensor.size, first + gradient.size());
    if (from >= to) continue;
    const size_t size = to - from;
    const float keep = static_cast<float>(1 - (tensor.is_matrix() ? learning_rate_ * weight_decay_ : 0.0));
    const std::span<float> params = params_.subspan(from, size), first_moment{state_.first.data() + from, size};
    const std::span<const float> piece = gradient.subspan(from - first, size);
    if (const auto* sgd = std::get_if<Sgd>(&factors_)) {
      in_chunks(size, [&](Chunk at) {
        auto theta = at(params), m = at(first_moment);
        m = sgd->momentum * m + sgd->scale * at(piece);
        theta = keep * theta - sgd->step * m;
      });
      continue;
    }
    const AdamW& adamw = std::get<AdamW>(factors_);
    const std::span<float> second_moment(state_.second.data() + from, size);
    in_chunks(size, [&](Chunk at) {
      auto theta = at(params), m = at(first_moment), v = at(second_moment);
      const auto g = at(piece);
      m = adamw.beta1 * m + adamw.rest1 * g;
      v = adamw.beta2 * v + adamw.rest2 * g.square();
      theta = keep * theta - adamw.step * (m / (adamw.root_scale * v.sqrt() + adamw.epsilon));
    });
  }
}

double inner_step(const InnerConfig& config, const ParamLayout& layout, double learning_rate, std::span<float> params,
                  std::span<const float> gradient, OptimizerState& state) {
  const double limit = clip_norm(config), norm = limit > 0 ? models::norm(gradient) : 0;
  InnerStep step(config, layout, learning_rate, params, state, norm > limit ? limit / norm : 1.0);
  step(0, gradient);
  return norm;
}

double training_step(const Objective& objective, const InnerConfig& config, double learning_rate,
                     std::span<float> params, const Batch& batch, Workspace& workspace, std::span<float> gradient,
                     OptimizerState& state) {
  if (clip_norm(config) > 0) {  // the norm of all of it must be known before any of it is used
    const double loss = objective.loss_and_gradient(params, batch, workspace, gradient);
    inner_step(config, objective.layout(), learning_rate, params, gradient, state);
    return loss;
  }
  InnerStep step(config, objective.layout(), learning_rate, params, state);
  return objective.loss_and_gradient_pieces(params, batch, workspace, gradient, std::ref(step));
}

}  // namespace models
