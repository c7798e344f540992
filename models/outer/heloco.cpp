#include "models/outer/heloco.h"

#include <algorithm>
#include <cmath>

#include "models/chunks.h"
#include "models/outer/mla.h"
#include "models/vector_math.h"

namespace models {
namespace {

constexpr double kNothing = 1e-8;  // a length below which there is no direction

class Heloco final : public OuterRule {
 public:
  Heloco(const HelocoConfig& config, const ParamLayout* layout)
      : config_(config), step_{config.rate, config.momentum}, layout_(layout) {}

  void apply(std::span<float> params, std::span<const float> gradient) override {
    m_.resize(params.size());
    for (const TensorSpec& tensor : layout_->tensors()) {
      const auto given = gradient.subspan(tensor.offset, tensor.size);
      const auto m = std::span(m_).subspan(tensor.offset, tensor.size);
      Params g(given.begin(), given.end());
      heloco_correct(config_, m, g);
      mla_update(step_, params.subspan(tensor.offset, tensor.size), m, g);
    }
  }
  Params dispatched(std::span<const float> params) const override {
    if (!config_.look_ahead || m_.empty()) return {};
    Params ahead(params.begin(), params.end());
    const auto far = static_cast<float>(config_.rate * config_.momentum);
    in_chunks(ahead.size(), [&](Chunk at) { at(ahead) -= far * at(std::span(m_)); });
    return ahead;
  }
  std::span<const float> momentum() const override { return m_; }
  void visit(StateVisitor& v) override { v.vector("m", m_); }

 private:
  HelocoConfig config_;
  MlaConfig step_;
  const ParamLayout* layout_;
  Params m_;
};

}  // namespace

void heloco_correct(const HelocoConfig& config, std::span<const float> momentum, std::span<float> gradient) {
  const double g = norm(gradient), m = norm(momentum);
  if (g < kNothing || m < kNothing) return;
  const double c = dot(gradient, momentum) / (g * m), counts = g / (g + config.kappa * m + kNothing);
  if (c >= config.ok_cosine) return;
  double of_g = 1, of_m = 0;  // what becomes of g: of_g·g + of_m·m
  if (c < 0) {
    const double part = std::min(config.subtraction * -c * counts, config.most_subtracted);
    of_m = -part * c * g / m;
  } else {
    const double near = config.form == HelocoForm::paper
                            ? c
                            : std::clamp((c - config.bad_cosine) / (config.ok_cosine - config.bad_cosine), 0.0, 1.0);
    const double turn = std::min(config.turn * (1 - near) * counts, 1.0);
    // |(1 − λ)u + λv|, of which the square is 1/2 at the least, as c ≥ 0.
    const double length = std::sqrt((1 - turn) * (1 - turn) + turn * turn + 2 * turn * (1 - turn) * c);
    of_g = (1 - turn) / length;
    of_m = turn * g / (length * m);
  }
  in_chunks(gradient.size(), [&](Chunk at) {
    at(gradient) = static_cast<float>(of_g) * at(gradient) + static_cast<float>(of_m) * at(momentum);
  });
}

std::unique_ptr<OuterRule> make(const HelocoConfig& config, const RuleContext& context) {
  return std::make_unique<Heloco>(config, context.layout);
}

}  // namespace models
