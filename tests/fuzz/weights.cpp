#include "models/weights.h"

#include <cstring>

#include "tests/fuzz/fuzz.h"

using namespace models;

/// A weights file (safetensors) for a model of two tensors.
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ParamLayout layout;
  layout.add("embed.weight", {3, 5}, TensorRole::embedding);
  layout.add("norm.weight", {5}, TensorRole::norm);
  Params params(layout.size(), 0.5f);
  try {
    load_weights(fuzz::file("weights.safetensors", fuzz::text(data, size)), layout, params);
  } catch (const WeightsError&) {
    for (const float value : params) fuzz::require(value == 0.5f, "weights that are refused leave the model as it was");
    return 0;
  }
  const auto saved = fuzz::file("saved.safetensors", "");
  save_weights(saved, layout, params);
  Params again(layout.size(), 0.0f);
  load_weights(saved, layout, again);
  fuzz::require(std::memcmp(params.data(), again.data(), params.size() * sizeof(float)) == 0,
                "weights come back bit for bit");
  return 0;
}
