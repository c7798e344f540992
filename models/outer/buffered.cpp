#include "models/outer/buffered.h"

#include "models/outer/nesterov.h"

namespace models {
namespace {

class Buffered final : public OuterRule {
 public:
  explicit Buffered(const BufferedConfig& config)
      : period_(*config.period), nesterov_(make_nesterov({config.rate, config.momentum})) {}

  void apply(std::span<float> params, std::span<const float> gradient) override {
    buffer_.resize(params.size());
    for (size_t i = 0; i < params.size(); ++i) buffer_[i] += gradient[i];
    if (++count_ < period_) return;
    const float share = static_cast<float>(1.0 / static_cast<double>(period_));
    for (float& sum : buffer_) sum *= share;
    nesterov_->apply(params, buffer_);
    buffer_.assign(buffer_.size(), 0.0f);
    count_ = 0;
  }
  int64_t gradients_per_update() const override { return period_; }
  std::span<const float> momentum() const override { return nesterov_->momentum(); }
  RuleState state() override {
    RuleState all = nesterov_->state();
    all.counts.push_back(&count_);
    all.vectors.push_back(&buffer_);
    return all;
  }

 private:
  int64_t period_;
  std::unique_ptr<OuterRule> nesterov_;
  int64_t count_ = 0;
  Params buffer_;
};

}  // namespace

std::unique_ptr<OuterRule> make_buffered(const BufferedConfig& config) { return std::make_unique<Buffered>(config); }

}  // namespace models
