#include "models/weights.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

namespace models {
namespace {

std::string shape_text(const std::vector<int64_t>& shape) { return nlohmann::json(shape).dump(); }

/// Says how one tensor of the file differs from what the layout wants of it.
void check_entry(const TensorSpec& wanted, const TensorEntry& entry, uint64_t data_bytes, Complaints& wrong) {
  const std::string name = "tensor \"" + wanted.name + "\"";
  const std::string place = "[" + std::to_string(entry.begin) + ", " + std::to_string(entry.end) + ")";
  if (entry.dtype != "F32") wrong.add(name + " has dtype " + entry.dtype + "; expected F32");
  if (entry.shape != wanted.shape)
    wrong.add(name + " has shape " + shape_text(entry.shape) + "; expected " + shape_text(wanted.shape));
  else if (entry.dtype == "F32" && (entry.end < entry.begin || entry.end - entry.begin != wanted.size * sizeof(float)))
    wrong.add(name + " lies at bytes " + place + "; expected " + std::to_string(wanted.size * sizeof(float)) +
              " bytes");
  if (entry.end > data_bytes)
    wrong.add(name + " lies at bytes " + place + " of the data; the file ends after " + std::to_string(data_bytes));
}

}  // namespace

void save_weights(const std::filesystem::path& file, const ParamLayout& layout, std::span<const float> params,
                  const std::map<std::string, std::string>& metadata) {
  if (params.size() != layout.size())
    throw WeightsError(file.string() + ": found " + std::to_string(params.size()) +
                       " parameters to save; the layout has " + std::to_string(layout.size()));
  std::vector<TensorBytes> tensors;
  for (const TensorSpec& tensor : layout.tensors())
    tensors.push_back({tensor.name, "F32", tensor.shape, std::as_bytes(params.subspan(tensor.offset, tensor.size))});
  write_safetensors(file, tensors, metadata);
}

void load_weights(const std::filesystem::path& file, const ParamLayout& layout, std::span<float> params) {
  Complaints wrong(file, "weights");
  if (params.size() != layout.size())
    wrong.fail("found room for " + std::to_string(params.size()) + " parameters; the layout has " +
               std::to_string(layout.size()));
  SafetensorsFile in(file, wrong);
  for (const auto& [name, entry] : in.tensors())
    if (!layout.find(name)) wrong.add("tensor \"" + name + "\" is there; this model has none of that name");
  for (const TensorSpec& tensor : layout.tensors()) {
    const auto entry = in.tensors().find(tensor.name);
    if (entry == in.tensors().end())
      wrong.add("tensor \"" + tensor.name + "\" is missing; expected F32 " + shape_text(tensor.shape));
    else
      check_entry(tensor, entry->second, in.data_bytes(), wrong);
  }
  wrong.raise_if_any();  // where tensors lie means something only once they are the right ones
  in.check_places(wrong);
  wrong.raise_if_any();

  std::vector<float> values(layout.size(), 0.0f);  // aside first: a failed read leaves `params` as it was
  for (const TensorSpec& tensor : layout.tensors())
    if (!in.read(in.tensors().at(tensor.name),
                 std::as_writable_bytes(std::span(values).subspan(tensor.offset, tensor.size))))
      wrong.fail("reading stopped before the end");
  std::copy(values.begin(), values.end(), params.begin());
}

}  // namespace models
