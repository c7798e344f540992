#include "models/nn/mlp.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace models {

template <class S>
Mlp<S>::Mlp(const MlpConfig& config) : config_(config) {
  if (config.inputs < 1 || config.hidden < 1 || config.classes < 1)
    throw std::invalid_argument("impossible classifier: " + std::to_string(config.inputs) + " inputs, " +
                                std::to_string(config.hidden) + " hidden units, " + std::to_string(config.classes) +
                                " classes; allowed: 1 or more of each");
  const auto add = [&](const std::string& name, TensorRole role, int64_t in, int64_t out) {
    StackedLinear linear;
    linear.in = in;
    linear.out = out;
    linear.parts[0].weight = layout_.add(name + ".weight", {out, in}, role);
    linear.parts[0].bias = layout_.add(name + ".bias", {out}, TensorRole::bias);
    return linear;
  };
  first_ = add("hidden", TensorRole::hidden, config.inputs, config.hidden);
  second_ = add("head", TensorRole::head, config.hidden, config.classes);
}

template <class S>
void Mlp<S>::place(int64_t rows, bool backward, MlpBuffers<S>& buffers) const {
  buffers.arena.carve([&] {
    const auto matrix = [&](int64_t columns) {
      return Tensor<S>(buffers.arena.template take<S>(rows * columns), rows, columns);
    };
    buffers.active.emplace(matrix(config_.hidden));
    buffers.dhidden.emplace(matrix(backward ? config_.hidden : 0));
    buffers.logits.emplace(matrix(config_.classes));
  });
}

template <class S>
double Mlp<S>::forward(const S* params, int64_t rows, const S* x, const int32_t* targets, MlpBuffers<S>& buffers,
                       bool backward) const {
  place(rows, backward, buffers);
  Tensor<S>&hidden = *buffers.active, &logits = *buffers.logits;
  // hidden = relu(x W₁ᵀ + b₁), logits = hidden W₂ᵀ + b₂
  first_.forward<S>(params, Weight<const S>(x, rows, config_.inputs), hidden);
  hidden = hidden.cwiseMax(S(0));
  second_.forward<S>(params, hidden, logits);

  // loss = mean over rows of log Σ e^logit − the target's logit; dlogits = (softmax − one-hot) / B
  double total = 0.0;
  for (int64_t b = 0; b < rows; ++b) {
    auto row = logits.row(b).array();
    const auto exact = row.template cast<double>();
    const double top = exact.maxCoeff(), sum = (exact - top).exp().sum();
    total += top + std::log(sum) - static_cast<double>(row[targets[b]]);
    if (!backward) continue;
    row = ((exact - top).exp() / (sum * static_cast<double>(rows))).template cast<S>();
    row[targets[b]] -= static_cast<S>(1 / static_cast<double>(rows));
  }
  return total / static_cast<double>(rows);
}

template <class S>
void Mlp<S>::backward_head(const S* params, MlpBuffers<S>& buffers, S* gradient) const {
  clear_all_but_matrices(layout_, gradient);
  Tensor<S>&hidden = *buffers.active, &dhidden = *buffers.dhidden;
  second_.backward<S>(params, gradient, hidden, *buffers.logits, dhidden);
  dhidden = (hidden.array() > S(0)).select(dhidden, S(0));  // hidden = relu(…)
  add_rows<S>(dhidden, first_.parts[0].bias_in(gradient, config_.hidden));
}

template <class S>
template <class Take>
double Mlp<S>::pieces(const S* params, int64_t rows, const S* x, const int32_t* targets, MlpBuffers<S>& buffers,
                      S* gradient, size_t step, const Take& take) const {
  const int64_t D = config_.inputs, F = config_.hidden;
  const size_t offset = first_.parts[0].weight;
  const double mean = forward(params, rows, x, targets, buffers, true);
  backward_head(params, buffers, gradient);
  for (const TensorSpec& tensor : layout_.tensors())
    if (tensor.offset != offset) take(tensor.offset, gradient + tensor.offset, tensor.size);
  // 2¹⁶ elements of the gradient, the weights and two moments are a megabyte: they stay in L2 from product to step.
  const int64_t block = std::max<int64_t>(1, (int64_t{1} << 16) / D);
  const Weight<const S> points(x, rows, D);
  for (int64_t first = 0; first < F; first += block) {
    const int64_t count = std::min(block, F - first);
    Weight<S> dweight(gradient + offset + static_cast<size_t>(first) * step, count, D);
    dweight.noalias() = buffers.dhidden->middleCols(first, count).transpose() * points;  // hidden = x W₁ᵀ + b₁
    take(offset + static_cast<size_t>(first * D), dweight.data(), static_cast<size_t>(count * D));
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
