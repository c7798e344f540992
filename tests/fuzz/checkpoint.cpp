#include <cstring>

#include "experiments/run/checkpoint.h"
#include "tests/fuzz/fuzz.h"

using namespace experiments;

/// A checkpoint (safetensors with a checksum of its own), and a state that is written into one.
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text = fuzz::text(data, size);
  const auto file = fuzz::file("state.safetensors", text);
  try {
    CheckpointReader in(file);
    fuzz::require(in.state.is_object(), "a checkpoint's state is an object");
  } catch (const models::WeightsError&) {
  }
  std::string damage;
  newest_checkpoint(file.parent_path(), damage);

  // No mutation finds a checksum by chance: what lies behind it is reached from here.
  CheckpointWriter out;
  out.state = Json{{"text", std::string()}};
  if (const Json state = Json::parse(text, nullptr, false); state.is_object()) out.state = state;
  std::vector<float> values(size / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), data, values.size() * sizeof(float));
  out.add("values", values);
  const auto directory = file.parent_path() / "written";
  out.write(directory);
  auto back = newest_checkpoint(directory, damage);
  fuzz::require(back.has_value(), "a checkpoint that was written can be read");
  fuzz::require(back->state == out.state, "a state comes back as it was written");
  if (!values.empty()) {
    const models::Params read = back->floats("values", values.size());
    fuzz::require(std::memcmp(read.data(), values.data(), values.size() * sizeof(float)) == 0,
                  "numbers come back bit for bit");
  }
  return 0;
}
