#include "models/outer/mean.h"

#include "models/chunks.h"

namespace models {
namespace {

class Mean final : public Reduction {
 public:
  explicit Mean(bool by_tokens) : by_tokens_(by_tokens) {}

  std::span<const float> reduce(std::span<const Contribution> batch) override {
    const auto share = [&](const Contribution& c) { return by_tokens_ ? static_cast<double>(c.tokens) : 1.0; };
    const double first = share(batch.front());
    double all = 0.0;
    for (const Contribution& c : batch) all += share(c);
    const auto factor = static_cast<float>(first / all);
    const std::span<float> mean = batch.front().gradient;
    in_chunks(mean.size(), [&](Chunk at) {
      auto sum = at(mean);
      for (const Contribution& c : batch.subspan(1)) sum += static_cast<float>(share(c) / first) * at(c.gradient);
      if (factor != 1.0f) sum *= factor;
    });
    return mean;
  }

 private:
  bool by_tokens_;
};

class Contributors final : public Reduction {
 public:
  std::span<const float> reduce(std::span<const Contribution> batch) override {
    const std::span<float> mean = batch.front().gradient;
    Params senders(Chunk::most);
    in_chunks(mean.size(), [&](Chunk at) {
      auto sum = at(mean);
      Eigen::Map<Eigen::ArrayXf> n(senders.data(), sum.size());
      n = (sum != 0.0f).cast<float>();
      for (const Contribution& c : batch.subspan(1)) {
        sum += at(c.gradient);
        n += (at(c.gradient) != 0.0f).cast<float>();
      }
      sum /= n.max(1.0f);
    });
    return mean;
  }
};

}  // namespace

std::unique_ptr<Reduction> make(const MeanConfig&, const ParamLayout&) { return std::make_unique<Mean>(false); }
std::unique_ptr<Reduction> make(const ByTokensConfig&, const ParamLayout&) { return std::make_unique<Mean>(true); }
std::unique_ptr<Reduction> make(const ContributorsConfig&, const ParamLayout&) {
  return std::make_unique<Contributors>();
}

}  // namespace models
