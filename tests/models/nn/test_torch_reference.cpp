#include <cmath>
#include <fstream>

#include "models/train/inner_optimizer.h"
#include "models/weights.h"
#include "tests/models/nn/torch_reference.h"
#include "tests/support/catch.h"

// The reference is tests/golden/make_torch_reference.py's, in float64. Ours is float32, whose rounding, 6e-8, grows
// over some hundred operations deep; 1e-4 leaves room for that and none for a mistake.

using namespace models;
using namespace torch_reference;

namespace {

/// ‖a − b‖ / ‖b‖ over one tensor, with `floor` added below the line.
double difference(const TensorSpec& tensor, const Params& a, const Params& b, double floor) {
  double squares = 0, norm = 0;
  for (size_t i = tensor.offset; i < tensor.offset + tensor.size; ++i) {
    squares += std::pow(double(a[i]) - double(b[i]), 2);
    norm += std::pow(double(b[i]), 2);
  }
  return std::sqrt(squares) / (std::sqrt(norm) + floor);
}

}  // namespace

TEST_CASE("loss, gradient and ten AdamW steps agree with PyTorch's") {
  for (const std::string name : {"gpt2", "llama"}) {
    std::ifstream in(folder + name + ".json");
    REQUIRE(in);
    const json reference = json::parse(in);
    const auto model = make_transformer(config_of(reference["config"]));
    const ParamLayout& layout = model->layout();
    Params params(layout.size()), gradient(layout.size()), expected(layout.size());
    load_weights(folder + name + ".weights.safetensors", layout, params);
    load_weights(folder + name + ".gradients.safetensors", layout, expected);

    const json& o = reference["optimizer"];
    const AdamWConfig optimizer{o["beta1"], o["beta2"], o["epsilon"], o["weight_decay"], o["clip_norm"]};
    OptimizerState state;
    const auto workspace = model->workspace();
    REQUIRE(reference["tokens"].size() == 10);
    for (size_t step = 0; step < 10; ++step) {
      const Batch batch = batch_of(reference["tokens"][step]);
      const double loss = model->loss_and_gradient(params, batch, *workspace, gradient);
      INFO(name << " step " << step);
      CHECK(loss == Approx(reference["losses"][step].get<double>()).epsilon(1e-4));
      if (step == 0)
        for (const TensorSpec& tensor : layout.tensors()) {
          INFO(tensor.name);
          // k's bias shifts all scores of a query alike, so its true gradient is zero: compare with 1e-3 instead
          CHECK(difference(tensor, gradient, expected, tensor.name.ends_with("k.bias") ? 1e-3 : 0) < 1e-4);
        }
      const double norm = inner_step(optimizer, layout, o["learning_rate"], params, gradient, state);
      CHECK(norm == Approx(reference["gradient_norms"][step].get<double>()).epsilon(1e-4));
    }

    load_weights(folder + name + ".after.safetensors", layout, expected);
    for (const TensorSpec& tensor : layout.tensors()) {
      // AdamW divides k's bias's gradient, rounding alone, by its own size: it may move by the rate either way in every
      // step
      if (tensor.name.ends_with("k.bias")) continue;
      INFO(name << " " << tensor.name);
      CHECK(difference(tensor, params, expected, 0) < 1e-4);
    }
  }
}
