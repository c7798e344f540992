#include "models/outer/sgd.h"

#include "models/chunks.h"

namespace models {
namespace {

class OuterSgd final : public OuterRule {
 public:
  explicit OuterSgd(const OuterSgdConfig& config)
      : rate_(static_cast<float>(config.rate)), momentum_(static_cast<float>(config.momentum)) {}

  void apply(std::span<float> params, std::span<const float> gradient) override {
    if (momentum_ == 0.0f) {
      in_chunks(params.size(), [&](Chunk at) { at(params) -= rate_ * at(gradient); });
      return;
    }
    m_.resize(params.size());
    in_chunks(params.size(), [&](Chunk at) {
      auto m = at(m_);
      m = momentum_ * m + at(gradient);
      at(params) -= rate_ * m;
    });
  }
  std::span<const float> momentum() const override { return m_; }
  void visit(StateVisitor& v) override { v.vector("m", m_); }

 private:
  float rate_, momentum_;
  Params m_;
};

}  // namespace

std::unique_ptr<OuterRule> make(const OuterSgdConfig& config, const RuleContext&) {
  return std::make_unique<OuterSgd>(config);
}

}  // namespace models
