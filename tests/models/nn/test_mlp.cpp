#include <cmath>
#include <vector>

#include "models/nn/mlp.h"
#include "models/train/inner_optimizer.h"
#include "tests/support/catch.h"
#include "tests/support/hash_random.h"

using namespace models;

namespace {

template <class S>
std::vector<S> draws(size_t count, uint64_t entity, double deviation) {
  const HashRandom random(5);
  std::vector<S> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = static_cast<S>(deviation * random.normal(entity, i));
  return values;
}

}  // namespace

// Central differences of step h = 1e-5 in double err by about 1e-10, except where a ReLU's kink lies within h: of the
// few hundred units here none does.
TEST_CASE("the classifier's gradient is its derivative, at sizes that are multiples of nothing too") {
  for (const MlpConfig config : {MlpConfig{5, 7, 3}, MlpConfig{16, 32, 4}, MlpConfig{3, 1, 2}, MlpConfig{37, 19, 11}}) {
    const Mlp<double> mlp(config);
    const int64_t rows = 6;
    const auto x = draws<double>(static_cast<size_t>(rows * config.inputs), 1, 1.0);
    std::vector<int32_t> targets;
    for (int b = 0; b < rows; ++b) targets.push_back(static_cast<int32_t>((2 * b + 1) % config.classes));
    auto params = draws<double>(mlp.layout().size(), 2, 0.5);
    std::vector<double> gradient(params.size(), 99.0);
    MlpBuffers<double> buffers;
    mlp.loss(params.data(), rows, x.data(), targets.data(), buffers, gradient.data());
    std::vector<bool> real(params.size(), false);
    for (const TensorSpec& tensor : mlp.layout().tensors()) {
      INFO(tensor.name << " of " << config.inputs << "-" << config.hidden << "-" << config.classes);
      for (size_t i = tensor.offset; i < tensor.offset + tensor.size; ++i) {
        real[i] = true;
        const double value = params[i], h = 1e-5;
        params[i] = value + h;
        const double up = mlp.loss(params.data(), rows, x.data(), targets.data(), buffers);
        params[i] = value - h;
        const double down = mlp.loss(params.data(), rows, x.data(), targets.data(), buffers);
        params[i] = value;
        CHECK((up - down) / (2 * h) == Approx(gradient[i]).margin(1e-8));
      }
    }
    for (size_t i = 0; i < params.size(); ++i)
      if (!real[i]) CHECK(gradient[i] == 0.0);
  }
}

TEST_CASE("the classifier's loss is the cross-entropy that a hand computes") {
  // One input, one unit, two classes: hidden = relu(2·x + 1), logits = (3·hidden + 0.5, −hidden).
  const Mlp<double> mlp({1, 1, 2});
  std::vector<double> params(mlp.layout().size(), 0.0);
  params[mlp.layout().find("hidden.weight")->offset] = 2;
  params[mlp.layout().find("hidden.bias")->offset] = 1;
  params[mlp.layout().find("head.weight")->offset] = 3;
  params[mlp.layout().find("head.weight")->offset + 1] = -1;
  params[mlp.layout().find("head.bias")->offset] = 0.5;
  MlpBuffers<double> buffers;
  const std::vector<double> x{0.25, -4.0};
  const std::vector<int32_t> targets{0, 1};
  // x = 0.25: hidden 1.5, logits 5 and −1.5. x = −4: hidden 0, logits 0.5 and 0.
  const double expected = 0.5 * (std::log1p(std::exp(-6.5)) + std::log1p(std::exp(0.5)));
  CHECK(mlp.loss(params.data(), 2, x.data(), targets.data(), buffers) == Approx(expected).epsilon(1e-12));
}

TEST_CASE("the classifier in float agrees with the classifier in double") {
  const MlpConfig config{64, 300, 4};
  const Mlp<float> single(config);
  const Mlp<double> precise(config);
  const auto x = draws<float>(32 * 64, 1, 1.0);
  const std::vector<double> x2(x.begin(), x.end());
  std::vector<int32_t> targets;
  for (int b = 0; b < 32; ++b) targets.push_back(b % 4);
  const auto params = draws<float>(single.layout().size(), 2, 0.1);
  const std::vector<double> params2(params.begin(), params.end());
  std::vector<float> gradient(params.size());
  std::vector<double> gradient2(params.size());
  MlpBuffers<float> buffers;
  MlpBuffers<double> buffers2;
  const double loss = single.loss(params.data(), 32, x.data(), targets.data(), buffers, gradient.data());
  const double loss2 = precise.loss(params2.data(), 32, x2.data(), targets.data(), buffers2, gradient2.data());
  CHECK(loss == Approx(loss2).epsilon(1e-5));
  double difference = 0, norm = 0;
  for (size_t i = 0; i < params.size(); ++i) {
    difference += std::pow(gradient[i] - gradient2[i], 2);
    norm += std::pow(gradient2[i], 2);
  }
  CHECK(std::sqrt(difference / norm) < 1e-5);  // a few hundred roundings of 6e-8 each
}

TEST_CASE(
    "initial weights are uniform within one over the root of the layer's inputs, and know log K nats of nothing") {
  const auto model = make_mlp({400, 100, 4});
  const HashRandom random(9);
  Params params(model->layout().size());
  model->initialise(params, random);
  for (const TensorSpec& tensor : model->layout().tensors()) {
    const double bound = tensor.name.starts_with("hidden") ? 1.0 / 20 : 1.0 / 10;
    double largest = 0, squares = 0;
    for (size_t i = 0; i < tensor.size; ++i) {
      largest = std::max(largest, std::abs(static_cast<double>(params[tensor.offset + i])));
      squares += std::pow(params[tensor.offset + i], 2);
    }
    INFO(tensor.name);
    CHECK(largest <= bound);
    if (tensor.size >= 400) {
      CHECK(largest > 0.97 * bound);
      CHECK(std::sqrt(squares / static_cast<double>(tensor.size)) == Approx(bound / std::sqrt(3.0)).epsilon(0.1));
    }
  }
  Batch batch{.sequences = 8, .length = 1, .inputs = {}, .targets = {0, 1, 2, 3, 0, 1, 2, 3}, .features = {}};
  batch.features.assign(8 * 400, 0.01f);
  const auto workspace = model->workspace();
  CHECK(model->loss(params, batch, *workspace) == Approx(std::log(4.0)).margin(0.1));
}

TEST_CASE("a classifier learns points by heart") {
  const auto model = make_mlp({10, 64, 3});
  Params params(model->layout().size()), gradient(params.size());
  model->initialise(params, HashRandom(1));
  Batch batch{.sequences = 30, .length = 1, .inputs = {}, .targets = {}, .features = draws<float>(300, 4, 1.0)};
  for (int b = 0; b < 30; ++b) batch.targets.push_back(b * b % 3);
  const auto workspace = model->workspace();
  OptimizerState state;
  double loss = 0;
  for (int step = 0; step < 300; ++step) {
    loss = model->loss_and_gradient(params, batch, *workspace, gradient);
    inner_step(AdamWConfig{}, model->layout(), 1e-2, params, gradient, state);
  }
  CHECK(loss < 0.02);
}

TEST_CASE("the classifier's gradient in pieces is its gradient, every element once") {
  const MlpConfig config{512, 300, 4};  // three pieces of the hidden layer, the last one short
  const auto model = make_mlp(config);
  Params params(model->layout().size()), whole(params.size(), 99.0f), scratch(params.size(), 99.0f);
  model->initialise(params, HashRandom(1));
  Batch batch{.sequences = 32, .length = 1, .inputs = {}, .targets = {}, .features = draws<float>(32 * 512, 4, 1.0)};
  for (int b = 0; b < 32; ++b) batch.targets.push_back(b % 4);
  const auto workspace = model->workspace();
  const double loss = model->loss_and_gradient(params, batch, *workspace, whole);
  std::vector<int> times(params.size(), 0);
  Params joined(params.size(), 0.0f);
  size_t pieces = 0;
  const double again = model->loss_and_gradient_pieces(params, batch, *workspace, scratch,
                                                       [&](size_t first, std::span<const float> piece) {
                                                         ++pieces;
                                                         for (size_t i = 0; i < piece.size(); ++i) {
                                                           joined[first + i] = piece[i];
                                                           ++times[first + i];
                                                         }
                                                       });
  CHECK(again == loss);
  CHECK(pieces == 3 + 3);
  CHECK((joined == whole));  // in brackets, so that a failure prints no vectors: that takes minutes
  for (const TensorSpec& tensor : model->layout().tensors())
    for (size_t i = tensor.offset; i < tensor.offset + tensor.size; ++i) REQUIRE(times[i] == 1);
}

TEST_CASE("steps taken piece by piece end at the bits of whole steps") {
  const auto model = make_mlp({512, 300, 4});
  Batch batch{.sequences = 32, .length = 1, .inputs = {}, .targets = {}, .features = draws<float>(32 * 512, 4, 1.0)};
  for (int b = 0; b < 32; ++b) batch.targets.push_back(b % 4);
  const auto workspace = model->workspace();
  const AdamWConfig adamw{.clip_norm = 0};
  for (const InnerConfig config : {InnerConfig(adamw), InnerConfig(SgdConfig{.momentum = 0.9, .weight_decay = 0.01})}) {
    Params pieces(model->layout().size()), gradient(pieces.size());
    model->initialise(pieces, HashRandom(1));
    Params whole = pieces;
    OptimizerState of_pieces, of_whole;
    for (int step = 0; step < 3; ++step) {
      const double loss = training_step(*model, config, 1e-2, pieces, batch, *workspace, gradient, of_pieces);
      CHECK(model->loss_and_gradient(whole, batch, *workspace, gradient) == loss);
      inner_step(config, model->layout(), 1e-2, whole, gradient, of_whole);
    }
    CHECK((pieces == whole));
    CHECK((of_pieces.first == of_whole.first));
    CHECK((of_pieces.second == of_whole.second));
    CHECK(of_pieces.steps == 3);
  }
}

TEST_CASE("impossible classifiers are refused") { CHECK_THROWS_AS(make_mlp({512, 0, 4}), std::invalid_argument); }
