#include "models/outer/delayed_nesterov.h"

#include <cassert>

#include "models/chunks.h"

namespace models {
namespace {

class DelayedNesterov final : public OuterRule {
 public:
  DelayedNesterov(const DelayedNesterovConfig& config, int64_t workers)
      : rate_(static_cast<float>(config.rate)),
        momentum_(static_cast<float>(config.momentum)),
        period_(config.period.value_or(workers)) {
    const double n = static_cast<double>(period_), c = config.spread;
    assert(period_ >= 1 && c >= 0 && c * n <= 1 + 1e-9);
    share_ = static_cast<float>(1.0 / n);
    between_ = static_cast<float>(c * config.momentum);
    closing_ = static_cast<float>((1.0 - c * n + c) * config.momentum);
  }

  void apply(std::span<float> params, std::span<const float> gradient) override {
    buffer_.resize(params.size());
    m_.resize(params.size());
    if (++count_ < period_) {
      in_chunks(params.size(), [&](Chunk at) {
        const auto g = at(gradient);
        at(buffer_) += g;
        at(params) -= rate_ * (between_ * at(m_) + share_ * g);
      });
      return;
    }
    in_chunks(params.size(), [&](Chunk at) {
      auto buffer = at(buffer_), m = at(m_);
      const auto g = at(gradient);
      m = momentum_ * m + share_ * (buffer + g);
      at(params) -= rate_ * (closing_ * m + share_ * g);
      buffer.setZero();
    });
    count_ = 0;
  }
  std::span<const float> momentum() const override { return m_; }
  void visit(StateVisitor& v) override {
    v.count("buffered", count_);
    v.vector("buffer", buffer_);
    v.vector("m", m_);
  }

 private:
  float rate_, momentum_;
  int64_t period_;
  float share_;        // 1/N
  float between_;      // cβ
  float closing_;      // (1 − cN + c)β
  int64_t count_ = 0;  // updates since m moved
  Params buffer_;      // Δ
  Params m_;
};

}  // namespace

std::unique_ptr<OuterRule> make(const DelayedNesterovConfig& config, const RuleContext& context) {
  return std::make_unique<DelayedNesterov>(config, context.workers);
}

}  // namespace models
