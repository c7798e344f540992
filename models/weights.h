#pragma once
#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "models/params.h"
#include "models/safetensors.h"

namespace models {

/// Replaces the file by all tensors of `layout` as safetensors (F32), on the disk when this returns. `metadata` becomes
/// __metadata__. Throws WeightsError.
void save_weights(const std::filesystem::path& file, const ParamLayout& layout, std::span<const float> params,
                  const std::map<std::string, std::string>& metadata = {});

/// Reads a safetensors file into `params` (length layout.size()). Every tensor of the layout must be there with its
/// shape and dtype F32, and no other. Throws WeightsError listing every difference.
void load_weights(const std::filesystem::path& file, const ParamLayout& layout, std::span<float> params);

}  // namespace models
