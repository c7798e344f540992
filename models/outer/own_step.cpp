#include "models/outer/own_step.h"

#include <utility>

#include "models/chunks.h"

namespace models {
namespace {

/// e of both sides: the late mean, and a k-th of what came newly.
class LateStep {
 public:
  LateStep(const OwnStepConfig& config, int64_t workers)
      : share_(config.eager ? 1.0f / static_cast<float>(workers) : 0.0f) {}
  /// Into `e`, which holds ḡ(r − 1).
  void correct(std::span<float> e, std::span<const float> fresh, std::span<const float> before) const {
    if (share_ > 0) in_chunks(e.size(), [&](Chunk at) { at(e) += share_ * (at(fresh) - at(before)); });
  }

 private:
  const float share_;
};

class OwnStep final : public Landing {
 public:
  OwnStep(const OwnStepConfig& config, std::unique_ptr<OuterRule> rule, int64_t workers)
      : late_(config, workers), rule_(std::move(rule)) {}

  bool sent(std::span<float> local, std::span<const float> start, std::span<const float> difference) override {
    const bool first = fresh_.empty();
    before_ = std::exchange(fresh_, Params(difference.begin(), difference.end()));
    if (first) step(local, start, fresh_);
    return first;
  }
  void land(std::span<float> local, std::span<const float> start, std::span<const float> answer) override {
    Params e(answer.begin(), answer.end());
    late_.correct(e, fresh_, before_);
    step(local, start, e);
  }
  bool starts_from_local() const override { return true; }
  void visit(StateVisitor& v) override {
    rule_->visit(v);
    v.vector("fresh", fresh_);
    v.vector("before", before_);
  }

 private:
  void step(std::span<float> local, std::span<const float> start, std::span<const float> e) {
    in_chunks(local.size(), [&](Chunk at) { at(local) = at(start); });
    rule_->apply(local, e);
  }

  const LateStep late_;
  std::unique_ptr<OuterRule> rule_;
  Params fresh_, before_;  // g of the last two rounds
};

class MeanOfOwnSteps final : public OuterRule {
 public:
  MeanOfOwnSteps(const OwnStepConfig& config, std::unique_ptr<OuterRule> rule, int64_t workers)
      : late_(config, workers), rule_(std::move(rule)) {}

  void apply(std::span<float> params, std::span<const float> mean) override {
    if (before_.empty()) before_.assign(mean.begin(), mean.end());
    Params e = before_;
    late_.correct(e, mean, before_);
    rule_->apply(params, e);
    before_.assign(mean.begin(), mean.end());
  }
  std::span<const float> momentum() const override { return rule_->momentum(); }
  void visit(StateVisitor& v) override {
    rule_->visit(v);
    v.vector("before", before_);
  }

 private:
  const LateStep late_;
  std::unique_ptr<OuterRule> rule_;
  Params before_;  // the mean of the round before
};

}  // namespace

std::unique_ptr<Landing> make_own_step(const OwnStepConfig& config, std::unique_ptr<OuterRule> rule, int64_t workers) {
  return std::make_unique<OwnStep>(config, std::move(rule), workers);
}
std::unique_ptr<OuterRule> make_mean_of_own_steps(const OwnStepConfig& config, std::unique_ptr<OuterRule> rule,
                                                  int64_t workers) {
  return std::make_unique<MeanOfOwnSteps>(config, std::move(rule), workers);
}

}  // namespace models
