#include "models/outer/schedule_free.h"

#include "models/chunks.h"

namespace models {
namespace {

class ScheduleFree final : public OuterRule {
 public:
  explicit ScheduleFree(const ScheduleFreeConfig& config)
      : rate_(static_cast<float>(config.rate)), interpolation_(static_cast<float>(config.interpolation)) {}

  void apply(std::span<float> params, std::span<const float> gradient) override {
    if (updates_ == 0) z_.assign(params.begin(), params.end());
    const double share = 1.0 / static_cast<double>(++updates_);
    const auto of_z = static_cast<float>(share), of_mean = static_cast<float>(1.0 - share);
    in_chunks(params.size(), [&](Chunk at) {
      auto z = at(z_), mean = at(params);
      z -= rate_ * at(gradient);
      mean = of_mean * mean + of_z * z;
    });
  }
  Params dispatched(std::span<const float> params) const override {
    Params between(z_);
    in_chunks(between.size(),
              [&](Chunk at) { at(between) = (1.0f - interpolation_) * at(between) + interpolation_ * at(params); });
    return between;
  }
  void visit(StateVisitor& v) override {
    v.count("updates", updates_);
    v.vector("z", z_);
  }

 private:
  float rate_, interpolation_;
  int64_t updates_ = 0;
  Params z_;
};

}  // namespace

std::unique_ptr<OuterRule> make(const ScheduleFreeConfig& config, const RuleContext&) {
  return std::make_unique<ScheduleFree>(config);
}

}  // namespace models
