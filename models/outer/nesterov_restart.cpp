#include "models/outer/nesterov_restart.h"

#include "models/chunks.h"

namespace models {
namespace {

class NesterovRestart final : public OuterRule {
 public:
  explicit NesterovRestart(const NesterovRestartConfig& config)
      : rate_(static_cast<float>(config.rate)),
        momentum_(static_cast<float>(config.momentum)),
        period_(config.period) {}

  void apply(std::span<float> params, std::span<const float> gradient) override {
    m_.resize(params.size());
    in_chunks(params.size(), [&](Chunk at) {
      auto m = at(m_);
      const auto g = at(gradient);
      m = momentum_ * m + (1.0f - momentum_) * g;
      at(params) -= rate_ * (momentum_ * m + (1.0f - momentum_) * g);
    });
    if (++count_ != period_) return;
    m_.assign(m_.size(), 0.0f);
    count_ = 0;
  }
  std::span<const float> momentum() const override { return m_; }
  void visit(StateVisitor& v) override {
    v.count("updates", count_);
    v.vector("m", m_);
  }

 private:
  float rate_, momentum_;
  int64_t period_;
  int64_t count_ = 0;  // updates since the restart
  Params m_;
};

}  // namespace

std::unique_ptr<OuterRule> make(const NesterovRestartConfig& config, const RuleContext&) {
  return std::make_unique<NesterovRestart>(config);
}

}  // namespace models
