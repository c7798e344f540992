#include "models/outer/sgd.h"

namespace models {
namespace {

class OuterSgd final : public OuterRule {
 public:
  explicit OuterSgd(const OuterSgdConfig& config)
      : rate_(static_cast<float>(config.rate)), momentum_(static_cast<float>(config.momentum)) {}

  void apply(std::span<float> params, std::span<const float> gradient) override {
    if (momentum_ == 0.0f) {
      for (size_t i = 0; i < params.size(); ++i) params[i] -= rate_ * gradient[i];
      return;
    }
    m_.resize(params.size());
    for (size_t i = 0; i < params.size(); ++i) {
      m_[i] = momentum_ * m_[i] + gradient[i];
      params[i] -= rate_ * m_[i];
    }
  }
  std::span<const float> momentum() const override { return m_; }
  RuleState state() override { return {{}, {&m_}}; }

 private:
  float rate_, momentum_;
  Params m_;
};

}  // namespace

std::unique_ptr<OuterRule> make_outer_sgd(const OuterSgdConfig& config) { return std::make_unique<OuterSgd>(config); }

}  // namespace models
