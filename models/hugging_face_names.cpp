#include "models/hugging_face_names.h"

#include <algorithm>
#include <span>

namespace models {
namespace {

/// A module, without its ".weight" or ".bias".
struct Module {
  std::string_view theirs;
  std::vector<std::string_view> ours;
  bool transposed = false;
};

struct Family {
  std::string_view name, prefix, block;  ///< block: what stands before a block's number
  std::vector<Module> outside, inside;   ///< of the blocks
  std::vector<std::string_view> buffers, block_buffers;
};

const std::vector<Family>& families() {
  static const std::vector<Family> all = {{"GPT-2",
                                           "transformer.",
                                           "h.",
                                           {{"wte", {"embed"}}, {"wpe", {"position"}}, {"ln_f", {"final_norm"}}},
                                           {{"ln_1", {"attn_norm"}},
                                            {"attn.c_attn", {"attn.q", "attn.k", "attn.v"}, true},
                                            {"attn.c_proj", {"attn.o"}, true},
                                            {"ln_2", {"mlp_norm"}},
                                            {"mlp.c_fc", {"mlp.up"}, true},
                                            {"mlp.c_proj", {"mlp.down"}, true}},
                                           {},
                                           {"attn.bias", "attn.masked_bias"}},
                                          {"Llama",
                                           "model.",
                                           "layers.",
                                           {{"embed_tokens", {"embed"}}, {"norm", {"final_norm"}}},
                                           {{"input_layernorm", {"attn_norm"}},
                                            {"self_attn.q_proj", {"attn.q"}},
                                            {"self_attn.k_proj", {"attn.k"}},
                                            {"self_attn.v_proj", {"attn.v"}},
                                            {"self_attn.o_proj", {"attn.o"}},
                                            {"post_attention_layernorm", {"mlp_norm"}},
                                            {"mlp.gate_proj", {"mlp.gate"}},
                                            {"mlp.up_proj", {"mlp.up"}},
                                            {"mlp.down_proj", {"mlp.down"}}},
                                           {"rotary_emb.inv_freq"},
                                           {"self_attn.rotary_emb.inv_freq"}}};
  return all;
}

bool take(std::string_view& text, std::string_view beginning) {
  if (!text.starts_with(beginning)) return false;
  text.remove_prefix(beginning.size());
  return true;
}

/// The digits that text begins with and the point behind them, taken off; empty if there are none.
std::string_view take_number(std::string_view& text) {
  const std::string_view number = text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
  if (number.empty() || !text.substr(number.size()).starts_with('.')) return {};
  text.remove_prefix(number.size() + 1);
  return number;
}

/// Of `place`, which ours begin with: "" or "blocks.3.".
std::optional<HuggingFaceTensor> find(const Family& family, const std::vector<Module>& modules,
                                      std::span<const std::string_view> buffers, std::string_view name,
                                      const std::string& place) {
  if (std::find(buffers.begin(), buffers.end(), name) != buffers.end())
    return HuggingFaceTensor{family.name, {}, false};
  for (const Module& module : modules) {
    std::string_view end = name;
    if (!take(end, module.theirs) || (end != ".weight" && end != ".bias")) continue;
    HuggingFaceTensor tensor{family.name, {}, module.transposed && end == ".weight"};
    for (const std::string_view ours : module.ours)
      tensor.names.push_back(place + std::string(ours) + std::string(end));
    return tensor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<HuggingFaceTensor> read_hugging_face_name(std::string_view name) {
  if (name == "lm_head.weight") return HuggingFaceTensor{"", {"head.weight"}, false};
  for (const Family& family : families()) {
    std::string_view rest = name;
    take(rest, family.prefix);
    if (!take(rest, family.block)) {
      if (auto tensor = find(family, family.outside, family.buffers, rest, "")) return tensor;
      continue;
    }
    const std::string block(take_number(rest));
    if (block.empty()) continue;
    if (auto tensor = find(family, family.inside, family.block_buffers, rest, "blocks." + block + ".")) return tensor;
  }
  return std::nullopt;
}

}  // namespace models
