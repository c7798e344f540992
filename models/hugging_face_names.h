#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace models {

/// A tensor's name as Hugging Face's transformers library writes it, read as ours (docs/model.md has the table).
struct HuggingFaceTensor {
  std::string_view family;         ///< "GPT-2" or "Llama"; empty for what both have
  std::vector<std::string> names;  ///< ours: one, or q, k and v side by side; empty for a buffer, which is no parameter
  bool transposed = false;         ///< stored [in, out], as GPT-2's Conv1D does, and not [out, in]
};

/// Nothing for a name that is none of GPT-2's or Llama's. Prefixes "transformer." and "model." may be there or not.
std::optional<HuggingFaceTensor> read_hugging_face_name(std::string_view name);

}  // namespace models
