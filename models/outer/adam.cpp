#include "models/outer/adam.h"

#include <cmath>

#include "models/chunks.h"

namespace models {
namespace {

class OuterAdam final : public OuterRule {
 public:
  explicit OuterAdam(const OuterAdamConfig& config) : config_(config) {}

  void apply(std::span<float> params, std::span<const float> gradient) override {
    m_.resize(params.size());
    v_.resize(params.size());
    const double t = static_cast<double>(++updates_);
    const float beta1 = static_cast<float>(config_.beta1), rest1 = static_cast<float>(1 - config_.beta1);
    const float beta2 = static_cast<float>(config_.beta2), rest2 = static_cast<float>(1 - config_.beta2);
    const float step = static_cast<float>(config_.rate / (1 - std::pow(config_.beta1, t)));
    const float root_scale = static_cast<float>(1 / std::sqrt(1 - std::pow(config_.beta2, t)));
    const float epsilon = static_cast<float>(config_.epsilon);
    in_chunks(params.size(), [&](Chunk at) {
      auto m = at(m_), v = at(v_);
      const auto g = at(gradient);
      m = beta1 * m + rest1 * g;
      v = beta2 * v + rest2 * g.square();
      at(params) -= step * (m / (root_scale * v.sqrt() + epsilon));
    });
  }
  std::span<const float> momentum() const override { return m_; }
  void visit(StateVisitor& v) override {
    v.count("updates", updates_);
    v.vector("m", m_);
    v.vector("v", v_);
  }

 private:
  OuterAdamConfig config_;
  int64_t updates_ = 0;
  Params m_, v_;
};

}  // namespace

std::unique_ptr<OuterRule> make(const OuterAdamConfig& config, const RuleContext&) {
  return std::make_unique<OuterAdam>(config);
}

}  // namespace models
