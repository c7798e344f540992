#include "models/nn/transformer.h"

#include <stdexcept>
#include <string>

#include "models/nn/decoder.h"

namespace models {
namespace {

void check_length(const char* what, size_t length, const ParamLayout& layout) {
  if (length != layout.size())
    throw std::invalid_argument(std::string(what) + " has " + std::to_string(length) +
                                " elements; this model's layout has " + std::to_string(layout.size()));
}

class Transformer : public Objective {
 public:
  explicit Transformer(const TransformerConfig& config) : decoder_(config) {}

  const ParamLayout& layout() const override { return decoder_.layout(); }

  void initialise(std::span<float> params, const RandomSource& random) const override {
    check_length("params", params.size(), layout());
    initialise_transformer(decoder_.config(), layout(), params, random);
  }

  std::unique_ptr<Workspace> workspace() const override { return std::make_unique<DecoderBuffers<float>>(); }

  double loss(std::span<const float> params, const Batch& batch, Workspace& workspace) const override {
    check_length("params", params.size(), layout());
    return decoder_.loss(params.data(), batch, dynamic_cast<DecoderBuffers<float>&>(workspace));
  }

  double loss_and_gradient(std::span<const float> params, const Batch& batch, Workspace& workspace,
                           std::span<float> gradient) const override {
    check_length("params", params.size(), layout());
    check_length("gradient", gradient.size(), layout());
    return decoder_.loss(params.data(), batch, dynamic_cast<DecoderBuffers<float>&>(workspace), gradient.data());
  }

  double flops_per_target(int64_t length) const override {
    const TransformerConfig& config = decoder_.config();
    const double C = static_cast<double>(config.width), F = static_cast<double>(config.mlp_width());
    const double attention = static_cast<double>(config.heads * config.head_dim());
    const double mlp = (config.activation == Activation::swiglu ? 3 : 2) * C * F;
    // A target looks at (T + 1) / 2 positions on average, once for its scores and once for their values.
    const double layer = 4 * attention * C + mlp + attention * static_cast<double>(length + 1);
    const double forward = static_cast<double>(config.layers) * layer + C * static_cast<double>(config.vocabulary);
    return 2 * 3 * forward;  // the backward pass makes two products of each
  }

 private:
  Decoder<float> decoder_;
};

}  // namespace

std::unique_ptr<Objective> make_transformer(const TransformerConfig& config) {
  return std::make_unique<Transformer>(config);
}

size_t transformer_scratch(const TransformerConfig& config, int64_t sequences) {
  return DecoderBuffers<float>::bytes(config, {sequences, config.context, config.heads, config.head_dim()});
}

}  // namespace models
