#include <cmath>
#include <vector>

#include "models/nn/decoder.h"
#include "tests/models/nn/draws.h"
#include "tests/support/catch.h"

using namespace models;
using models::testing::Draws;
using models::testing::random_tokens;

namespace {

/// Parameters far from their start, so that no derivative is small by accident.
template <class S>
std::vector<S> spread_out(const ParamLayout& layout, double deviation) {
  const Draws draws(3);
  std::vector<S> params(layout.size(), S(0));
  for (size_t entity = 0; entity < layout.tensors().size(); ++entity) {
    const TensorSpec& tensor = layout.tensors()[entity];
    const double centre = tensor.name.ends_with("norm.weight") ? 1 : 0;
    for (size_t i = 0; i < tensor.size; ++i)
      params[tensor.offset + i] = static_cast<S>(centre + deviation * draws.normal(entity, i));
  }
  return params;
}

/// The largest difference between the gradient and central differences, over `probes` elements of every tensor, as a
/// share of the tensor's largest derivative.
double worst_gradient_error(const TransformerConfig& config, int64_t sequences, int64_t length) {
  const Decoder<double> decoder(config);
  const ParamLayout& layout = decoder.layout();
  const Batch batch = random_tokens(sequences, length, config.vocabulary);
  std::vector<double> params = spread_out<double>(layout, 0.3), gradient(layout.size(), 99.0);
  DecoderBuffers<double> buffers;
  decoder.loss(params.data(), batch, buffers, gradient.data());
  double worst = 0;
  for (const TensorSpec& tensor : layout.tensors()) {
    double scale = 1e-3, error = 0;
    for (size_t i = 0; i < tensor.size; ++i) scale = std::max(scale, std::abs(gradient[tensor.offset + i]));
    const size_t step = std::max<size_t>(1, tensor.size / 12);
    for (size_t i = tensor.offset; i < tensor.offset + tensor.size; i += step) {
      const double value = params[i], h = 1e-5;
      params[i] = value + h;
      const double up = decoder.loss(params.data(), batch, buffers);
      params[i] = value - h;
      const double down = decoder.loss(params.data(), batch, buffers);
      params[i] = value;
      error = std::max(error, std::abs((up - down) / (2 * h) - gradient[i]));
    }
    INFO(tensor.name << " differs by " << error << " of " << scale);
    CHECK(error < 1e-6 * scale);
    worst = std::max(worst, error / scale);
  }
  return worst;
}

TransformerConfig small(int64_t width, int64_t heads, int64_t head_size, int64_t hidden, int64_t vocabulary,
                        int64_t context) {
  TransformerConfig config;
  config.vocabulary = vocabulary;
  config.context = context;
  config.layers = 2;
  config.width = width;
  config.heads = heads;
  config.head_size = head_size;
  config.hidden = hidden;
  return config;
}

}  // namespace

// Central differences of step h = 1e-5 in double err by h² f'''/6 + 1e-16/h, about 1e-10; the tolerance leaves room for
// large f'''.
TEST_CASE("the decoder's gradient is its derivative under every choice of norm, position, activation, bias and tying") {
  for (const Norm norm : {Norm::rmsnorm, Norm::layernorm})
    for (const Position position : {Position::rope, Position::learned})
      for (const Activation activation : {Activation::gelu, Activation::swiglu, Activation::relu})
        for (const bool bias : {false, true})
          for (const bool tied : {false, true}) {
            TransformerConfig config = small(16, 2, 8, 32, 11, 6);
            config.norm = norm;
            config.position = position;
            config.activation = activation;
            config.bias = bias;
            config.tie_embeddings = tied;
            INFO("norm " << int(norm) << " position " << int(position) << " activation " << int(activation) << " bias "
                         << bias << " tied " << tied);
            CHECK(worst_gradient_error(config, 2, 5) < 1e-6);
          }
}

TEST_CASE("the decoder's gradient is its derivative at sizes that are multiples of nothing") {
  for (const Activation activation : {Activation::gelu, Activation::swiglu}) {
    TransformerConfig config = small(13, 3, 6, 19, 37, 9);  // heads · head_size = 18 ≠ 13, products of q, k, v separate
    config.activation = activation;
    config.bias = true;
    CHECK(worst_gradient_error(config, 3, 7) < 1e-6);
  }
  TransformerConfig config = small(7, 1, 3, 5, 5, 4);
  config.position = Position::learned;
  CHECK(worst_gradient_error(config, 1, 1) < 1e-6);
}

TEST_CASE("the decoder's gradient is its derivative across several attention blocks and several tiles of the head") {
  TransformerConfig config = small(8, 2, 4, 8, 700, 200);
  config.layers = 1;
  CHECK(worst_gradient_error(config, 3, 200) < 1e-6);
}

TEST_CASE("the decoder in float agrees with the decoder in double") {
  for (const Activation activation : {Activation::gelu, Activation::swiglu, Activation::relu}) {
    TransformerConfig config = small(32, 4, 0, 0, 61, 40);
    config.activation = activation;
    config.bias = activation != Activation::swiglu;
    const Batch batch = random_tokens(4, 40, 61);
    const Decoder<float> single(config);
    const Decoder<double> precise(config);
    std::vector<float> params = spread_out<float>(single.layout(), 0.1), gradient(single.layout().size());
    std::vector<double> params2(params.begin(), params.end()), gradient2(params.size());
    DecoderBuffers<float> buffers;
    DecoderBuffers<double> buffers2;
    const double loss = single.loss(params.data(), batch, buffers, gradient.data());
    const double loss2 = precise.loss(params2.data(), batch, buffers2, gradient2.data());
    CHECK(loss == Approx(loss2).epsilon(1e-6));
    double difference = 0, norm = 0;
    for (size_t i = 0; i < params.size(); ++i) {
      difference += std::pow(gradient[i] - gradient2[i], 2);
      norm += std::pow(gradient2[i], 2);
    }
    CHECK(std::sqrt(difference / norm) < 1e-5);  // a few hundred roundings of 6e-8 each
  }
}

TEST_CASE("attention scores and logits in the hundreds are as harmless in float as in double") {
  TransformerConfig config = small(32, 2, 0, 0, 61, 40);
  const Batch batch = random_tokens(2, 40, 61);
  const Decoder<float> single(config);
  const Decoder<double> precise(config);
  const std::vector<float> params =
      spread_out<float>(single.layout(), 2);  // scores, sums of 16 products / √16, deviate by 2² · 32
  const std::vector<double> params2(params.begin(), params.end());
  DecoderBuffers<float> buffers;
  DecoderBuffers<double> buffers2;
  const double loss = single.loss(params.data(), batch, buffers), loss2 = precise.loss(params2.data(), batch, buffers2);
  CHECK(loss2 > 20);  // a softmax over numbers far apart
  CHECK(loss == Approx(loss2).epsilon(1e-4));
}
