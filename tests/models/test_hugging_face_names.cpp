#include "models/hugging_face_names.h"

#include <cmath>
#include <fstream>
#include <functional>
#include <map>

#include "models/weights.h"
#include "tests/models/nn/torch_reference.h"
#include "tests/support/catch.h"
#include "tests/support/temp_directory.h"

using namespace models;
using namespace torch_reference;

namespace {

/// A tensor of a golden model, row-major.
struct Matrix {
  std::vector<int64_t> shape;
  std::vector<float> values;
};

Matrix transposed(const Matrix& m) {
  Matrix t{{m.shape[1], m.shape[0]}, std::vector<float>(m.values.size())};
  for (int64_t r = 0; r < m.shape[0]; ++r)
    for (int64_t c = 0; c < m.shape[1]; ++c) t.values[c * m.shape[0] + r] = m.values[r * m.shape[1] + c];
  return t;
}

/// One below the other.
Matrix stacked(const std::vector<Matrix>& parts) {
  Matrix all = parts[0];
  for (size_t p = 1; p < parts.size(); ++p) {
    all.shape[0] += parts[p].shape[0];
    all.values.insert(all.values.end(), parts[p].values.begin(), parts[p].values.end());
  }
  return all;
}

/// The golden model and its parameters, and files of them in Hugging Face's names.
struct Golden {
  TempDirectory directory;
  json reference;
  std::unique_ptr<Objective> model;
  Params params;
  std::map<std::string, Matrix> file;  ///< to be written, by name

  explicit Golden(const std::string& name) {
    std::ifstream in(folder + name + ".json");
    reference = json::parse(in);
    model = make_transformer(config_of(reference["config"]));
    params.resize(model->layout().size());
    load_weights(folder + name + ".weights.safetensors", model->layout(), params);
  }
  Matrix operator[](const std::string& name) const {
    const TensorSpec* const spec = model->layout().find(name);
    REQUIRE(spec);
    return {spec->shape, {params.begin() + spec->offset, params.begin() + spec->offset + spec->size}};
  }
  int layers() const { return reference["config"]["layers"]; }

  /// Reads the file back. The notes, or the complaint alone.
  std::vector<std::string> load(Params& loaded) const {
    const auto path = directory.path() / "theirs.safetensors";
    std::vector<TensorBytes> tensors;
    for (const auto& [name, matrix] : file)
      tensors.push_back({name, "F32", matrix.shape, std::as_bytes(std::span(matrix.values))});
    write_safetensors(path, tensors, {{"format", "pt"}});
    try {
      return load_weights(path, model->layout(), loaded);
    } catch (const WeightsError& error) {
      return {error.what()};
    }
  }
  double loss(const Params& of) const {
    Params gradient(of.size());
    const auto workspace = model->workspace();
    return model->loss_and_gradient(of, batch_of(reference["tokens"][0]), *workspace, gradient);
  }
  /// The file gives the golden parameters, bit for bit, and says `note` of them.
  void check_same(const std::string& note) const {
    Params loaded(params.size(), -1.0f);
    const auto notes = load(loaded);
    INFO(notes.at(0));
    CHECK_THAT(notes.at(0), Catch::Contains(note));
    REQUIRE(loaded == params);
    CHECK(loss(loaded) == loss(params));
  }
};

void write_gpt2(Golden& golden, const std::string& prefix) {
  golden.file.clear();
  golden.file[prefix + "wte.weight"] = golden["embed.weight"];
  golden.file[prefix + "wpe.weight"] = golden["position.weight"];
  for (int i = 0; i < golden.layers(); ++i) {
    const std::string h = prefix + "h." + std::to_string(i) + ".", block = "blocks." + std::to_string(i) + ".";
    for (const std::string end : {".weight", ".bias"}) {
      golden.file[h + "ln_1" + end] = golden[block + "attn_norm" + end];
      golden.file[h + "ln_2" + end] = golden[block + "mlp_norm" + end];
      const auto conv = [&](const std::string& theirs, const std::vector<std::string>& ours) {
        std::vector<Matrix> parts;
        for (const std::string& part : ours) parts.push_back(golden[block + part + end]);
        golden.file[h + theirs + end] = end == ".weight" ? transposed(stacked(parts)) : stacked(parts);
      };
      conv("attn.c_attn", {"attn.q", "attn.k", "attn.v"});
      conv("attn.c_proj", {"attn.o"});
      conv("mlp.c_fc", {"mlp.up"});
      conv("mlp.c_proj", {"mlp.down"});
    }
  }
  for (const std::string end : {".weight", ".bias"}) golden.file[prefix + "ln_f" + end] = golden["final_norm" + end];
}

void write_llama(Golden& golden, const std::string& prefix) {
  golden.file.clear();
  golden.file[prefix + "embed_tokens.weight"] = golden["embed.weight"];
  for (int i = 0; i < golden.layers(); ++i) {
    const std::string l = prefix + "layers." + std::to_string(i) + ".", block = "blocks." + std::to_string(i) + ".";
    for (const auto& [theirs, ours] : std::map<std::string, std::string>{{"input_layernorm", "attn_norm"},
                                                                         {"post_attention_layernorm", "mlp_norm"},
                                                                         {"self_attn.q_proj", "attn.q"},
                                                                         {"self_attn.k_proj", "attn.k"},
                                                                         {"self_attn.v_proj", "attn.v"},
                                                                         {"self_attn.o_proj", "attn.o"},
                                                                         {"mlp.gate_proj", "mlp.gate"},
                                                                         {"mlp.up_proj", "mlp.up"},
                                                                         {"mlp.down_proj", "mlp.down"}})
      golden.file[l + theirs + ".weight"] = golden[block + ours + ".weight"];
  }
  golden.file[prefix + "norm.weight"] = golden["final_norm.weight"];
  golden.file["lm_head.weight"] = golden["head.weight"];
}

}  // namespace

TEST_CASE("GPT-2 under Hugging Face's names and layout is the same model to the last bit") {
  Golden golden("gpt2");
  for (const std::string prefix : {"", "transformer."}) {
    write_gpt2(golden, prefix);
    golden.check_same("Hugging Face's names of GPT-2");
    // What a whole checkpoint has besides: masks in each block and the tied head.
    golden.file[prefix + "h.0.attn.bias"] = {{1, 1, 2, 2}, {1, 0, 1, 1}};
    golden.file[prefix + "h.1.attn.masked_bias"] = {{}, {-1e4f}};
    golden.file["lm_head.weight"] = golden["embed.weight"];
    golden.check_same("Hugging Face's names of GPT-2");
    Params loaded(golden.params.size());
    const auto notes = golden.load(loaded);
    REQUIRE(notes.size() == 3);
    CHECK(notes[1] == "left out, as buffers and no parameters: \"" + prefix + "h.0.attn.bias\", \"" + prefix +
                          "h.1.attn.masked_bias\"");
    CHECK_THAT(notes[2], Catch::Contains("\"lm_head.weight\" equals the embedding"));
  }
}

TEST_CASE("Llama under Hugging Face's names is the same model to the last bit") {
  Golden golden("llama");
  for (const std::string prefix : {"", "model."}) {
    write_llama(golden, prefix);
    golden.check_same("Hugging Face's names of Llama");
    golden.file[prefix + "layers.1.self_attn.rotary_emb.inv_freq"] = {{4}, {1, 0.1f, 0.01f, 0.001f}};
    golden.file[prefix + "rotary_emb.inv_freq"] = {{4}, {1, 0.1f, 0.01f, 0.001f}};
    golden.check_same("Hugging Face's names of Llama");
  }
}

TEST_CASE("a tensor of Hugging Face's that does not fit is refused by its own name and shape") {
  Golden golden("gpt2");
  Params loaded(golden.params.size(), -1.0f);
  const auto refused = [&](const std::function<void()>& spoil) {
    write_gpt2(golden, "transformer.");
    spoil();
    const auto answer = golden.load(loaded);
    CHECK(loaded == Params(golden.params.size(), -1.0f));
    return answer.at(0);
  };
  auto& file = golden.file;
  CHECK_THAT(refused([&] {
               Matrix& m = file["transformer.h.1.attn.c_attn.weight"];
               m = transposed(m);
             }),
             Catch::Contains("\"transformer.h.1.attn.c_attn.weight\" has shape [72,24]; expected [24,72], as GPT-2's"));
  CHECK_THAT(refused([&] { file.erase("transformer.h.1.attn.c_attn.bias"); }),
             Catch::Contains("\"blocks.1.attn.k.bias\" is missing"));
  CHECK_THAT(refused([&] { file["transformer.h.2.ln_1.bias"] = file["transformer.h.1.ln_1.bias"]; }),
             Catch::Contains("\"transformer.h.2.ln_1.bias\" is there; this model has no \"blocks.2.attn_norm.bias\""));
  CHECK_THAT(refused([&] { file["transformer.h.1.attn.extra"] = file["transformer.h.1.ln_1.bias"]; }),
             Catch::Contains("\"transformer.h.1.attn.extra\" is there; this model has none of that name"));
  CHECK_THAT(refused([&] { file["transformer.h.0.mlp.c_fc.weight"].values[97] = NAN; }),
             Catch::Contains("\"transformer.h.0.mlp.c_fc.weight\" is nan at [1,1]"));
}
