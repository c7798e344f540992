#include "models/nn/mlp.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "models/nn/kernels.h"
#include "models/nn/lanes.h"
#include "models/nn/rows.h"

namespace models {

template <class S>
Mlp<S>::Mlp(const MlpConfig& config) : config_(config) {
  if (config.inputs < 1 || config.hidden < 1 || config.classes < 1)
    throw std::invalid_argument("impossible classifier: " + std::to_string(config.inputs) + " inputs, " +
                                std::to_string(config.hidden) + " hidden units, " + std::to_string(config.classes) +
                                " classes; allowed: 1 or more of each");
  first_.weight = layout_.add("hidden.weight", {config.hidden, config.inputs}, true);
  first_.bias = layout_.add("hidden.bias", {config.hidden}, false);
  second_.weight = layout_.add("head.weight", {config.classes, config.hidden}, true);
  second_.bias = layout_.add("head.bias", {config.classes}, false);
}

template <class S>
void Mlp<S>::place(int64_t rows, bool backward, MlpBuffers<S>& buffers) const {
  const auto carve = [&] {
    buffers.active = buffers.arena.template take<S>(rows * config_.hidden);
    buffers.dhidden = backward ? buffers.arena.template take<S>(rows * config_.hidden) : nullptr;
    buffers.logits = buffers.arena.template take<S>(rows * config_.classes);
  };
  buffers.arena.measure();
  carve();
  buffers.arena.allocate();
  carve();
}

template <class S>
double Mlp<S>::forward(const S* params, int64_t rows, const S* x, const int32_t* targets, MlpBuffers<S>& buffers,
                       bool backward) const {
  const int64_t B = rows, D = config_.inputs, F = config_.hidden, K = config_.classes;
  place(rows, backward, buffers);
  // hidden = relu(x W₁ᵀ + b₁), logits = hidden W₂ᵀ + b₂
  S* const hidden = buffers.active;
  S* const logits = buffers.logits;
  gemm<S>(false, true, B, F, D, S(1), x, D, params + first_.weight, D, S(0), hidden, F);
  const S* const bias = params + first_.bias;
  for (int64_t b = 0; b < B; ++b) {
    S* const row = hidden + b * F;
    for_lanes<S>(F, [&](int64_t i, auto part) {
      store<S>(row + i, larger(load<S>(row + i, part) + load<S>(bias + i, part), Lanes<S>::all(S(0))), part);
    });
  }
  gemm<S>(false, true, B, K, F, S(1), hidden, F, params + second_.weight, F, S(0), logits, K);
  add_bias<S>(B, K, logits, K, params + second_.bias);

  // loss = mean over rows of log Σ e^logit − the target's logit; dlogits = (softmax − one-hot) / B
  double total = 0.0;
  for (int64_t b = 0; b < B; ++b) {
    S* const row = logits + b * K;
    const double top = *std::max_element(row, row + K);
    double sum = 0.0;
    for (int64_t c = 0; c < K; ++c) sum += std::exp(static_cast<double>(row[c]) - top);
    total += top + std::log(sum) - static_cast<double>(row[targets[b]]);
    if (!backward) continue;
    for (int64_t c = 0; c < K; ++c) {
      const double p = std::exp(static_cast<double>(row[c]) - top) / sum - (c == targets[b] ? 1.0 : 0.0);
      row[c] = static_cast<S>(p / static_cast<double>(B));
    }
  }
  return total / static_cast<double>(B);
}

template <class S>
void Mlp<S>::backward_head(const S* params, int64_t rows, MlpBuffers<S>& buffers, S* gradient) const {
  const int64_t B = rows, F = config_.hidden, K = config_.classes;
  const S* const hidden = buffers.active;
  const S* const dlogits = buffers.logits;
  S* const dhidden = buffers.dhidden;
  const std::vector<TensorSpec>& tensors = layout_.tensors();
  for (size_t i = 0; i < tensors.size(); ++i) {  // biases are added to, and the gaps stay zero
    const size_t end = i + 1 < tensors.size() ? tensors[i + 1].offset : layout_.size();
    std::fill(gradient + tensors[i].offset + (tensors[i].decays ? tensors[i].size : 0), gradient + end, S(0));
  }
  gemm<S>(true, false, K, F, B, S(1), dlogits, K, hidden, F, S(0), gradient + second_.weight, F);
  add_column_sums<S>(B, K, dlogits, K, gradient + second_.bias);
  // dhidden = dlogits W₂ where hidden > 0
  gemm<S>(false, false, B, F, K, S(1), dlogits, K, params + second_.weight, F, S(0), dhidden, F);
  for (int64_t i = 0; i < B; ++i) {
    S* const d = dhidden + i * F;
    const S* const h = hidden + i * F;
    for_lanes<S>(
        F, [&](int64_t j, auto part) { store<S>(d + j, load<S>(d + j, part) * positive(load<S>(h + j, part)), part); });
  }
  add_column_sums<S>(B, F, dhidden, F, gradient + first_.bias);
}

template <class S>
template <class Take>
double Mlp<S>::pieces(const S* params, int64_t rows, const S* x, const int32_t* targets, MlpBuffers<S>& buffers,
                      S* gradient, size_t step, const Take& take) const {
  const int64_t D = config_.inputs, F = config_.hidden;
  const double mean = forward(params, rows, x, targets, buffers, true);
  backward_head(params, rows, buffers, gradient);
  for (const TensorSpec& tensor : layout_.tensors())
    if (tensor.offset != first_.weight) take(tensor.offset, gradient + tensor.offset, tensor.size);
  // 2¹⁶ elements of the gradient, the weights and two moments are a megabyte: they stay in L2 from product to step.
  const int64_t block = std::max<int64_t>(1, (int64_t{1} << 16) / D);
  for (int64_t first = 0; first < F; first += block) {
    const int64_t count = std::min(block, F - first);
    S* const dweight = gradient + first_.weight + static_cast<size_t>(first) * step;
    // dW₁ = dhiddenᵀ x, rows [first, first + count)
    gemm<S>(true, false, count, D, rows, S(1), buffers.dhidden + first, F, x, D, S(0), dweight, D);
    take(first_.weight + static_cast<size_t>(first * D), dweight, static_cast<size_t>(count * D));
  }
  return mean;
}

template <class S>
double Mlp<S>::loss(const S* params, int64_t rows, const S* x, const int32_t* targets, MlpBuffers<S>& buffers,
                    S* gradient) const {
  if (!gradient) return forward(params, rows, x, targets, buffers, false);
  // In the same products as in pieces: a library's sums may depend on how many rows a product has.
  return pieces(params, rows, x, targets, buffers, gradient, static_cast<size_t>(config_.inputs),
                [](size_t, const S*, size_t) {});
}

template <class S>
template <class Take>
double Mlp<S>::loss_in_pieces(const S* params, int64_t rows, const S* x, const int32_t* targets, MlpBuffers<S>& buffers,
                              S* scratch, const Take& take) const {
  return pieces(params, rows, x, targets, buffers, scratch, 0, take);  // each over the one before, in the cache
}

template class Mlp<float>;
template class Mlp<double>;

namespace {

class Classifier final : public Objective {
 public:
  explicit Classifier(const MlpConfig& config) : mlp_(config) {}

  const ParamLayout& layout() const override { return mlp_.layout(); }

  void initialise(std::span<float> params, const RandomSource& random) const override {
    std::fill(params.begin(), params.end(), 0.0f);
    const std::vector<TensorSpec>& tensors = layout().tensors();
    for (size_t t = 0; t < tensors.size(); ++t) {
      const int64_t inputs = t < 2 ? mlp_.config().inputs : mlp_.config().hidden;
      const double bound = 1.0 / std::sqrt(static_cast<double>(inputs));
      for (size_t i = 0; i < tensors[t].size; ++i)
        params[tensors[t].offset + i] = static_cast<float>(bound * (2.0 * random.uniform(t, i) - 1.0));
    }
  }

  std::unique_ptr<Workspace> workspace() const override { return std::make_unique<MlpBuffers<float>>(); }

  double loss(std::span<const float> params, const Batch& batch, Workspace& workspace) const override {
    return pass(params, batch, workspace, nullptr);
  }
  double loss_and_gradient(std::span<const float> params, const Batch& batch, Workspace& workspace,
                           std::span<float> gradient) const override {
    return pass(params, batch, workspace, gradient.data());
  }
  double loss_and_gradient_pieces(std::span<const float> params, const Batch& batch, Workspace& workspace,
                                  std::span<float> scratch, const GradientSink& take) const override {
    return mlp_.loss_in_pieces(
        params.data(), batch.sequences, batch.features.data(), batch.targets.data(),
        dynamic_cast<MlpBuffers<float>&>(workspace), scratch.data(),
        [&](size_t first, const float* piece, size_t size) { take(first, std::span<const float>(piece, size)); });
  }

  double flops_per_target(int64_t) const override {
    const double D = static_cast<double>(mlp_.config().inputs), F = static_cast<double>(mlp_.config().hidden);
    const double K = static_cast<double>(mlp_.config().classes);
    return 2 * (2 * D * F + 3 * F * K);  // nobody asks for the gradient of the inputs
  }

 private:
  double pass(std::span<const float> params, const Batch& batch, Workspace& workspace, float* gradient) const {
    return mlp_.loss(params.data(), batch.sequences, batch.features.data(), batch.targets.data(),
                     dynamic_cast<MlpBuffers<float>&>(workspace), gradient);
  }
  Mlp<float> mlp_;
};

}  // namespace

std::unique_ptr<Objective> make_mlp(const MlpConfig& config) { return std::make_unique<Classifier>(config); }

}  // namespace models
