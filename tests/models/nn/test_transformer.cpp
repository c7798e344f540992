#include "models/nn/transformer.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <thread>

#include "models/nn/decoder.h"
#include "tests/models/nn/draws.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"

using namespace models;
using models::testing::Draws;
using models::testing::random_tokens;

namespace {

TransformerConfig gpt2_like() {
  TransformerConfig config;
  config.norm = Norm::layernorm;
  config.position = Position::learned;
  config.bias = true;
  config.tie_embeddings = false;
  return config;
}

Params initial(const Objective& model) {
  Params params(model.layout().size());
  model.initialise(params, Draws());
  return params;
}

}  // namespace

TEST_CASE("the forward-only loss equals the loss that comes with the gradient, to the last bit") {
  for (const bool llama : {false, true}) {
    TransformerConfig config = llama ? TransformerConfig{} : gpt2_like();
    if (llama) config.activation = Activation::swiglu;
    const auto model = make_transformer(config);
    const Params params = initial(*model);
    Params gradient(params.size());
    const Batch batch = random_tokens(5, 64, 256);
    const auto workspace = model->workspace(), other = model->workspace();
    const double loss = model->loss_and_gradient(params, batch, *workspace, gradient);
    CHECK(model->loss(params, batch, *other) == loss);
    CHECK(model->loss(params, batch, *workspace) == loss);
  }
}

TEST_CASE("a model whose head is zero loses exactly ln V") {
  const auto model = make_transformer(gpt2_like());
  Params params = initial(*model);
  const TensorSpec* head = model->layout().find("head.weight");
  REQUIRE(head);
  std::fill_n(params.data() + head->offset, head->size, 0.0f);
  CHECK(model->loss(params, random_tokens(2, 64, 256), *model->workspace()) == Approx(std::log(256.0)).epsilon(1e-12));
}

TEST_CASE("a freshly initialised model is nearly indifferent between tokens") {
  for (const bool tied : {false, true}) {
    TransformerConfig config = gpt2_like();
    config.tie_embeddings = tied;
    const auto model = make_transformer(config);
    // Logits are sums of C = 64 products of a unit-variance and a 0.02-deviation number: variance 64 · 0.02² = 0.026,
    // which costs half of it; tied, the input's own token stands out a little more.
    CHECK(model->loss(initial(*model), random_tokens(8, 64, 256), *model->workspace()) ==
          Approx(std::log(256.0)).margin(0.1));
  }
}

TEST_CASE("changing a later token leaves every earlier loss as it was") {
  for (const Position position : {Position::rope, Position::learned}) {
    TransformerConfig config;
    config.context = 200;
    config.position = position;
    const Decoder<float> decoder(config);
    const auto model = make_transformer(config);
    const Params params = initial(*model);
    Batch batch = random_tokens(2, 200, 256);
    DecoderBuffers<float> buffers;
    std::vector<float> before(400), after(400);
    decoder.loss(params.data(), batch, buffers, nullptr, before.data());
    const size_t changed = 200 + 130;  // in the second sequence, in a middle block of the attention
    batch.inputs[changed] ^= 1;
    decoder.loss(params.data(), batch, buffers, nullptr, after.data());
    CHECK(std::equal(before.begin(), before.begin() + changed, after.begin()));
    CHECK(before[changed] != after[changed]);
    CHECK(before[399] != after[399]);
  }
}

TEST_CASE("rope sees only distances: a shifted sequence in a longer context has the same loss") {
  TransformerConfig config;
  config.context = 32;
  const auto model = make_transformer(config);
  config.context = 64;
  const auto longer = make_transformer(config);
  REQUIRE(model->layout().size() == longer->layout().size());
  const Params params = initial(*model);
  const Batch batch = random_tokens(2, 32, 256);
  CHECK(model->loss(params, batch, *model->workspace()) == longer->loss(params, batch, *longer->workspace()));
}

TEST_CASE("a shorter batch than the context is a model of shorter context") {
  const auto model = make_transformer(gpt2_like());
  const Params params = initial(*model);
  Params gradient(params.size(), 5.0f);
  model->loss_and_gradient(params, random_tokens(3, 20, 256), *model->workspace(), gradient);
  const TensorSpec* position = model->layout().find("position.weight");
  REQUIRE(position);
  const float* const rows = gradient.data() + position->offset;
  CHECK(std::any_of(rows + 19 * 64, rows + 20 * 64, [](float g) { return g != 0; }));
  CHECK(std::all_of(rows + 20 * 64, rows + 64 * 64, [](float g) { return g == 0; }));
}

TEST_CASE("loss and gradient have the same bits in any workspace, thread and buffer") {
  TransformerConfig config = gpt2_like();
  config.width = 48;
  config.heads = 3;
  config.hidden = 1040;  // 1040 > 1024: where Eigen would follow the cache sizes
  const auto model = make_transformer(config);
  const Params params = initial(*model);
  const Batch batch = random_tokens(3, 64, 256);
  Params first(params.size());
  const auto workspace = model->workspace();
  model->loss_and_gradient(params, random_tokens(8, 64, 256, 9), *workspace, first);  // a larger batch first
  const double loss = model->loss_and_gradient(params, batch, *workspace, first);
  std::vector<Params> gradients(4, Params(params.size()));
  std::vector<double> losses(4);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      const auto own = model->workspace();
      const Params copy = params;
      for (int repeat = 0; repeat < 3; ++repeat) losses[i] = model->loss_and_gradient(copy, batch, *own, gradients[i]);
    });
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < 4; ++i) {
    CHECK(losses[i] == loss);
    CHECK(gradients[i] == first);
  }
}

TEST_CASE("the gaps between tensors stay zero in parameters and gradients") {
  TransformerConfig config;
  config.width = 10;
  config.vocabulary = 17;
  config.heads = 1;
  config.context = 8;
  const auto model = make_transformer(config);
  Params params(model->layout().size(), 7.0f), gradient(params.size(), 7.0f);
  model->initialise(params, Draws());
  model->loss_and_gradient(params, random_tokens(2, 8, 17), *model->workspace(), gradient);
  std::vector<bool> inside(params.size());
  for (const TensorSpec& tensor : model->layout().tensors()) {
    CHECK(tensor.offset % 16 == 0);
    std::fill_n(inside.begin() + tensor.offset, tensor.size, true);
  }
  for (size_t i = 0; i < params.size(); ++i)
    if (!inside[i]) {
      CHECK(params[i] == 0);
      CHECK(gradient[i] == 0);
    }
}

TEST_CASE("the tensors are those of the model's description") {
  TransformerConfig config;
  config.layers = 1;
  config.vocabulary = 100;
  config.width = 32;
  config.heads = 4;
  config.head_size = 16;
  config.hidden = 50;
  config.activation = Activation::swiglu;
  config.tie_embeddings = false;
  const auto model = make_transformer(config);
  std::vector<std::pair<std::string, std::vector<int64_t>>> found;
  for (const TensorSpec& tensor : model->layout().tensors()) found.emplace_back(tensor.name, tensor.shape);
  const decltype(found) expected = {{"embed.weight", {100, 32}},          {"blocks.0.attn_norm.weight", {32}},
                                    {"blocks.0.attn.q.weight", {64, 32}}, {"blocks.0.attn.k.weight", {64, 32}},
                                    {"blocks.0.attn.v.weight", {64, 32}}, {"blocks.0.attn.o.weight", {32, 64}},
                                    {"blocks.0.mlp_norm.weight", {32}},   {"blocks.0.mlp.gate.weight", {50, 32}},
                                    {"blocks.0.mlp.up.weight", {50, 32}}, {"blocks.0.mlp.down.weight", {32, 50}},
                                    {"final_norm.weight", {32}},          {"head.weight", {100, 32}}};
  CHECK(found == expected);
  CHECK(model->layout().parameters() == 100 * 32 * 2 + 3 * 32 + 4 * 64 * 32 + 3 * 50 * 32);
}

TEST_CASE("initial weights have the deviations of the model's description") {
  TransformerConfig config = gpt2_like();
  config.layers = 8;
  const auto model = make_transformer(config);
  const Params params = initial(*model);
  for (const TensorSpec& tensor : model->layout().tensors()) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < tensor.size; ++i) {
      sum += params[tensor.offset + i];
      squares += std::pow(params[tensor.offset + i], 2);
    }
    const double n = static_cast<double>(tensor.size), mean = sum / n, deviation = std::sqrt(squares / n - mean * mean);
    INFO(tensor.name);
    if (!tensor.is_matrix()) {
      CHECK(mean == (tensor.name.ends_with("norm.weight") ? 1 : 0));
      CHECK(deviation == Approx(0).margin(1e-6));
      continue;
    }
    const bool residual = tensor.name.ends_with("o.weight") || tensor.name.ends_with("down.weight");
    const double expected = residual ? 0.02 / 4 : 0.02;                  // √(2 · 8) = 4
    CHECK(deviation == Approx(expected).epsilon(4 / std::sqrt(2 * n)));  // four standard errors
    CHECK(mean == Approx(0).margin(4 * expected / std::sqrt(n)));
  }
}

TEST_CASE("impossible shapes and batches are refused with what was found and what is allowed") {
  TransformerConfig config;
  config.layers = 0;
  config.width = -3;
  CHECK_THROWS_WITH(make_transformer(config), Catch::Contains("layers is 0") && Catch::Contains("width is -3"));
  config = {};
  config.heads = 5;
  CHECK_THROWS_WITH(make_transformer(config), Catch::Contains("heads is 5") && Catch::Contains("width 64"));
  config = {};
  config.head_size = 9;
  CHECK_THROWS_WITH(make_transformer(config), Catch::Contains("head size is 9") && Catch::Contains("even"));

  const auto model = make_transformer({});
  const Params params = initial(*model);
  Batch batch = random_tokens(1, 64, 256);
  batch.inputs[3] = 256;
  CHECK_THROWS_WITH(model->loss(params, batch, *model->workspace()),
                    Catch::Contains("token 256") && Catch::Contains("0 to 255"));
  CHECK_THROWS_WITH(model->loss(params, random_tokens(1, 65, 256), *model->workspace()), Catch::Contains("1 to 64"));
  CHECK_THROWS_WITH(model->loss(std::span(params).first(10), batch, *model->workspace()), Catch::Contains("10"));
}

TEST_CASE("flops per target count six operations a weight, and attention by the positions it sees") {
  TransformerConfig config = gpt2_like();
  config.layers = 4;
  config.width = 128;
  config.heads = 4;
  config.context = 128;
  const auto model = make_transformer(config);
  const double weights = 4 * 12.0 * 128 * 128 + 256.0 * 128;
  CHECK(model->flops_per_target(128) == Approx(6 * (weights + 4 * 128 * 129)));
}

TEST_CASE("docs/model.md quotes a block's forward and backward pass as they stand in the code") {
  const auto text = [](const char* file) {
    std::ifstream in(source_dir() + "/" + file);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const std::string page = text("docs/model.md"), code = text("models/nn/decoder.cpp");
  int quotes = 0;
  for (size_t begin = 0; (begin = page.find("```cpp\n", begin)) != std::string::npos; ++quotes) {
    begin += 7;
    const std::string quote = page.substr(begin, page.find("```", begin) - begin);
    INFO(quote);
    CHECK(code.find(quote) != std::string::npos);
  }
  CHECK(quotes == 2);
}
