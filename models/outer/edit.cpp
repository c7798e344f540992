#include "models/outer/edit.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "models/chunks.h"
#include "models/outer/anomaly_gate.h"
#include "models/vector_math.h"

namespace models {
namespace {

class Edit final : public Reduction {
 public:
  Edit(const EditConfig& config, const ParamLayout& layout)
      : config_(config), layout_(layout), gate_(config.anomaly_threshold.value_or(0.0), config.anomaly_warmup) {}

  std::span<const float> reduce(std::span<const Contribution> batch) override {
    for (size_t t = 0; t < layout_.tensors().size(); ++t) reduce(batch, t);
    return batch.front().gradient;
  }
  void visit(StateVisitor& v) override { gate_.visit(v); }

 private:
  void reduce(std::span<const Contribution> batch, size_t t) {
    const TensorSpec& tensor = layout_.tensors()[t];
    const auto part = [&](const Contribution& c) { return c.gradient.subspan(tensor.offset, tensor.size); };
    std::vector<double> norms;
    std::vector<bool> sound;
    for (const Contribution& c : batch) {
      const size_t series = static_cast<size_t>(c.worker) * layout_.tensors().size() + t;
      norms.push_back(norm(part(c)));
      sound.push_back(!config_.anomaly_threshold || !gate_.fires(series, norms.back()));
      if (!sound.back()) norms.back() += 1e6;
    }
    const std::vector<double> weights = weights_of(batch, norms);
    const auto share = [&](size_t i) { return sound[i] ? static_cast<float>(weights[i]) : 0.0f; };
    const std::span<float> sum = part(batch.front());
    in_chunks(sum.size(), [&](Chunk at) {
      at(sum) *= share(0);
      for (size_t i = 1; i < batch.size(); ++i) at(sum) += share(i) * at(part(batch[i]));
    });
    if (!config_.clip) return;
    const double length = norm(sum), factor = *config_.clip / length;
    if (length > *config_.clip) in_chunks(sum.size(), [&](Chunk at) { at(sum) *= static_cast<float>(factor); });
  }

  std::vector<double> weights_of(std::span<const Contribution> batch, const std::vector<double>& norms) const {
    const double least = *std::min_element(norms.begin(), norms.end());
    std::vector<double> weights;
    double sum = 0.0, steps = 0.0;
    for (size_t i = 0; i < batch.size(); ++i) {
      weights.push_back(std::exp((least - norms[i]) / config_.temperature));
      sum += weights.back();
      steps += static_cast<double>(batch[i].steps);
    }
    for (size_t i = 0; i < batch.size(); ++i)
      weights[i] = (1.0 - config_.steps_share) * weights[i] / sum +
                   config_.steps_share * static_cast<double>(batch[i].steps) / steps;
    return weights;
  }

  EditConfig config_;
  const ParamLayout& layout_;
  AnomalyGate gate_;
};

}  // namespace

std::unique_ptr<Reduction> make(const EditConfig& config, const ParamLayout& layout) {
  return std::make_unique<Edit>(config, layout);
}

}  // namespace models
