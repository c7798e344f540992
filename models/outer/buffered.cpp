#include "models/outer/buffered.h"

#include "models/chunks.h"
#include "models/outer/nesterov.h"

namespace models {
namespace {

class Buffered final : public OuterRule {
 public:
  Buffered(const BufferedConfig& config, int64_t workers)
      : period_(config.period.value_or(workers)), nesterov_(make(NesterovConfig{config.rate, config.momentum})) {}

  void apply(std::span<float> params, std::span<const float> gradient) override {
    buffer_.resize(params.size());
    in_chunks(params.size(), [&](Chunk at) { at(buffer_) += at(gradient); });
    if (++count_ < period_) return;
    const float share = static_cast<float>(1.0 / static_cast<double>(period_));
    in_chunks(params.size(), [&](Chunk at) { at(buffer_) *= share; });
    nesterov_->apply(params, buffer_);
    buffer_.assign(buffer_.size(), 0.0f);
    count_ = 0;
  }
  int64_t gradients_per_update() const override { return period_; }
  std::span<const float> momentum() const override { return nesterov_->momentum(); }
  void visit(StateVisitor& v) override {
    nesterov_->visit(v);
    v.count("buffered", count_);
    v.vector("buffer", buffer_);
  }

 private:
  int64_t period_;
  std::unique_ptr<OuterRule> nesterov_;
  int64_t count_ = 0;
  Params buffer_;
};

}  // namespace

std::unique_ptr<OuterRule> make(const BufferedConfig& config, const RuleContext& context) {
  return std::make_unique<Buffered>(config, context.workers);
}

}  // namespace models
