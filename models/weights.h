#pragma once
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "models/params.h"
#include "models/safetensors.h"

namespace models {

/// Replaces the file by all tensors of `layout` as safetensors (F32), on the disk when this returns. `metadata` becomes
/// __metadata__. Throws WeightsError.
void save_weights(const std::filesystem::path& file, const ParamLayout& layout, std::span<const float> params,
                  const std::map<std::string, std::string>& metadata = {});

/// Reads a safetensors file into `params` (length layout.size()). Every tensor of the layout must be there once with
/// its shape, all numbers finite, and no other, but for a head equal to the embedding that the model ties it to. F64,
/// F16 and BF16 become F32; the names may be Hugging Face's of GPT-2 or Llama. Returns what was done so that is not
/// plain reading, a sentence each. Throws WeightsError listing every difference.
std::vector<std::string> load_weights(const std::filesystem::path& file, const ParamLayout& layout,
                                      std::span<float> params);

}  // namespace models
