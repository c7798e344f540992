#include "models/outer/nesterov.h"

namespace models {
namespace {

class Nesterov final : public OuterRule {
 public:
  explicit Nesterov(const NesterovConfig& config)
      : rate_(static_cast<float>(config.rate)), momentum_(static_cast<float>(config.momentum)) {}

  void apply(std::span<float> params, std::span<const float> gradient) override {
    m_.resize(params.size());
    for (size_t i = 0; i < params.size(); ++i) {
      m_[i] = momentum_ * m_[i] + gradient[i];
      params[i] -= rate_ * (momentum_ * m_[i] + gradient[i]);
    }
  }
  std::span<const float> momentum() const override { return m_; }
  RuleState state() override { return {{}, {&m_}}; }

 private:
  float rate_, momentum_;
  Params m_;
};

}  // namespace

std::unique_ptr<OuterRule> make_nesterov(const NesterovConfig& config) { return std::make_unique<Nesterov>(config); }

}  // namespace models
