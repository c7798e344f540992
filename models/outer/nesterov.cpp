#include "models/outer/nesterov.h"

#include "models/chunks.h"

namespace models {
namespace {

class Nesterov final : public OuterRule {
 public:
  explicit Nesterov(const NesterovConfig& config)
      : rate_(static_cast<float>(config.rate)), momentum_(static_cast<float>(config.momentum)) {}

  void apply(std::span<float> params, std::span<const float> gradient) override {
    m_.resize(params.size());
    in_chunks(params.size(), [&](Chunk at) {
      auto theta = at(params), m = at(m_);
      const auto g = at(gradient);
      m = momentum_ * m + g;
      theta -= rate_ * (momentum_ * m + g);
    });
  }
  std::span<const float> momentum() const override { return m_; }
  void visit(StateVisitor& v) override { v.vector("m", m_); }

 private:
  float rate_, momentum_;
  Params m_;
};

}  // namespace

std::unique_ptr<OuterRule> make(const NesterovConfig& config, const RuleContext&) {
  return std::make_unique<Nesterov>(config);
}

}  // namespace models
