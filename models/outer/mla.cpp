#include "models/outer/mla.h"

#include "models/chunks.h"

namespace models {
namespace {

class Mla final : public OuterRule {
 public:
  explicit Mla(const MlaConfig& config) : config_(config) {}

  void apply(std::span<float> params, std::span<const float> gradient) override {
    m_.resize(params.size());
    mla_update(config_, params, m_, gradient);
  }
  std::span<const float> momentum() const override { return m_; }
  void visit(StateVisitor& v) override { v.vector("m", m_); }

 private:
  MlaConfig config_;
  Params m_;
};

}  // namespace

void mla_update(const MlaConfig& config, std::span<float> params, std::span<float> momentum,
                std::span<const float> gradient) {
  const auto rate = static_cast<float>(config.rate), decay = static_cast<float>(config.momentum);
  in_chunks(params.size(), [&](Chunk at) {
    auto m = at(momentum);
    const auto g = at(gradient);
    m = decay * m + (1.0f - decay) * g;
    at(params) -= rate * (decay * m + g);
  });
}

std::unique_ptr<OuterRule> make(const MlaConfig& config, const RuleContext&) { return std::make_unique<Mla>(config); }

}  // namespace models
