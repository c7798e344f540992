#include "models/outer/radial_directional.h"

#include <vector>

#include "models/chunks.h"
#include "models/vector_math.h"

namespace models {
namespace {

class RadialDirectional final : public Reduction {
 public:
  explicit RadialDirectional(const ParamLayout& layout) : layout_(layout) {}

  std::span<const float> reduce(std::span<const Contribution> batch) override {
    if (batch.size() > 1)
      for (const TensorSpec& tensor : layout_.tensors()) reduce(batch, tensor);
    return batch.front().gradient;
  }

 private:
  static double weight(const Contribution& c) {
    return static_cast<double>(c.tokens) * static_cast<double>(c.tokens) / static_cast<double>(c.steps);
  }

  static void reduce(std::span<const Contribution> batch, const TensorSpec& tensor) {
    const auto of = [&](const Contribution& c) { return c.gradient.subspan(tensor.offset, tensor.size); };
    const bool direction = tensor.role != TensorRole::embedding;
    double weights = 0.0, radius = 0.0;
    std::vector<float> factors;  // of each in the sum
    for (const Contribution& c : batch) {
      const double w = weight(c), length = direction ? norm(of(c)) : 1.0;
      weights += w;
      radius += w * length;
      factors.push_back(static_cast<float>(length > 0.0 ? w / length : 0.0));
    }
    const std::span<float> sum = of(batch.front());
    in_chunks(sum.size(), [&](Chunk at) {
      at(sum) *= factors.front();
      for (size_t i = 1; i < batch.size(); ++i) at(sum) += factors[i] * at(of(batch[i]));
    });
    const double length = direction ? norm(sum) : 1.0;
    const bool vanishes = length < 1e-6 * weights;  // what is left is rounding, no direction
    const auto scale = static_cast<float>(!direction ? 1.0 / weights : vanishes ? 0.0 : radius / weights / length);
    in_chunks(sum.size(), [&](Chunk at) { at(sum) *= scale; });
  }

  const ParamLayout& layout_;
};

}  // namespace

std::unique_ptr<Reduction> make(const RadialDirectionalConfig&, const ParamLayout& layout) {
  return std::make_unique<RadialDirectional>(layout);
}

}  // namespace models
