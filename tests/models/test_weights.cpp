#include "models/weights.h"

#include <sys/stat.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "tests/support/catch.h"
#include "tests/support/temp_directory.h"

using namespace models;
using nlohmann::json;

namespace {

ParamLayout small_layout() {
  ParamLayout layout;
  layout.add("embed.weight", {3, 5}, TensorRole::embedding);
  layout.add("norm.weight", {5}, TensorRole::norm);
  return layout;
}

Params numbered(const ParamLayout& layout) {
  Params params(layout.size(), 0.0f);
  for (const TensorSpec& tensor : layout.tensors())
    for (size_t i = 0; i < tensor.size; ++i) params[tensor.offset + i] = 0.5f + static_cast<float>(tensor.offset + i);
  return params;
}

/// A weights file in a directory of its own.
struct Scratch {
  TempDirectory directory;
  std::filesystem::path file() const { return directory.path() / "weights.safetensors"; }
};

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_raw(const std::filesystem::path& file, const std::string& header, const std::string& data,
               uint64_t claimed = UINT64_MAX) {
  const uint64_t length = claimed == UINT64_MAX ? header.size() : claimed;
  std::ofstream out(file, std::ios::binary);
  out.write(reinterpret_cast<const char*>(&length), 8);
  out << header << data;
}

json good_header() {
  return {{"embed.weight", {{"dtype", "F32"}, {"shape", {3, 5}}, {"data_offsets", {0, 60}}}},
          {"norm.weight", {{"dtype", "F32"}, {"shape", {5}}, {"data_offsets", {60, 80}}}}};
}

/// The message of the WeightsError that loading gives, or "" if it gives none.
std::string complaint(const std::filesystem::path& file) {
  const ParamLayout layout = small_layout();
  Params params(layout.size(), -1.0f);
  try {
    load_weights(file, layout, params);
  } catch (const WeightsError& error) {
    CHECK(params == Params(layout.size(), -1.0f));  // a file refused leaves nothing behind
    return error.what();
  }
  return "";
}

std::string complaint_of(const std::function<void(json&)>& spoil, size_t data_bytes = 80) {
  const Scratch scratch;
  json header = good_header();
  spoil(header);
  write_raw(scratch.file(), header.dump(), std::string(data_bytes, '\0'));
  return complaint(scratch.file());
}

/// Tensors of numbers, written as they are: what other programs may hand over.
struct Foreign {
  struct Tensor {
    std::string name, dtype;
    std::vector<int64_t> shape;
    std::string bytes;
  };
  std::vector<Tensor> tensors;

  template <class T>
  Foreign& add(const std::string& name, const std::string& dtype, const std::vector<int64_t>& shape,
               const std::vector<T>& values) {
    tensors.push_back({name, dtype, shape, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)}});
    return *this;
  }
  void write(const std::filesystem::path& file) const {
    std::vector<TensorBytes> all;
    for (const Tensor& t : tensors) all.push_back({t.name, t.dtype, t.shape, std::as_bytes(std::span(t.bytes))});
    write_safetensors(file, all, {});
  }
};

std::vector<float> ramp(size_t size) {
  std::vector<float> values(size);
  for (size_t i = 0; i < size; ++i) values[i] = 0.25f * static_cast<float>(i) - 1.0f;
  return values;
}

/// What loading the tensors gives: parameters and notes, or the complaint.
struct Loaded {
  Params params;
  std::vector<std::string> notes;
  std::string complaint;
};

Loaded load(const Foreign& tensors) {
  const Scratch scratch;
  tensors.write(scratch.file());
  const ParamLayout layout = small_layout();
  Loaded loaded{Params(layout.size(), -1.0f), {}, ""};
  try {
    loaded.notes = load_weights(scratch.file(), layout, loaded.params);
  } catch (const WeightsError& error) {
    CHECK(loaded.params == Params(layout.size(), -1.0f));
    loaded.complaint = error.what();
  }
  return loaded;
}

}  // namespace

TEST_CASE("weights come back from a file bit for bit, gaps zero") {
  const Scratch scratch;
  const ParamLayout layout = small_layout();
  const Params params = numbered(layout);
  save_weights(scratch.file(), layout, params, {{"run", "a \"quoted\" name"}});
  Params loaded(layout.size(), -1.0f);
  load_weights(scratch.file(), layout, loaded);
  CHECK(loaded == params);
  CHECK(std::distance(std::filesystem::directory_iterator(scratch.directory.path()), {}) ==
        1);  // nothing set aside remains
}

TEST_CASE("a weights file is laid out as the format says") {
  const Scratch scratch;
  const ParamLayout layout = small_layout();
  save_weights(scratch.file(), layout, numbered(layout), {{"k", "v"}});
  const std::string bytes = bytes_of(scratch.file());
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  REQUIRE(bytes.size() == 8 + length + 80);
  CHECK(length % 8 == 0);
  CHECK(bytes[8] == '{');
  json expected = good_header();
  expected["__metadata__"] = {{"k", "v"}};
  CHECK(json::parse(bytes.substr(8, length)) == expected);
  float first_of_norm = 0;
  std::memcpy(&first_of_norm, bytes.data() + 8 + length + 60, 4);
  CHECK(first_of_norm == 16.5f);
}

TEST_CASE("saving over a file replaces it whole, and failing to save leaves the old one") {
  const Scratch scratch;
  const ParamLayout layout = small_layout();
  Params params = numbered(layout);
  save_weights(scratch.file(), layout, params);
  params[0] = 42;
  save_weights(scratch.file(), layout, params);
  Params loaded(layout.size());
  load_weights(scratch.file(), layout, loaded);
  CHECK(loaded[0] == 42);
  CHECK_THROWS_WITH(save_weights(scratch.directory.path() / "no" / "such" / "w.safetensors", layout, params),
                    Catch::Contains("cannot be written"));
  CHECK_THROWS_AS(save_weights(scratch.file(), layout, std::span(params).first(3)), WeightsError);
}

TEST_CASE("a good header in another order of tensors is read by its offsets") {
  const Scratch scratch;
  const json header = {{"norm.weight", {{"dtype", "F32"}, {"shape", {5}}, {"data_offsets", {0, 20}}}},
                       {"embed.weight", {{"dtype", "F32"}, {"shape", {3, 5}}, {"data_offsets", {20, 80}}}}};
  std::vector<float> data(20);
  for (size_t i = 0; i < 20; ++i) data[i] = static_cast<float>(i);
  write_raw(scratch.file(), header.dump(), {reinterpret_cast<const char*>(data.data()), 80});
  const ParamLayout layout = small_layout();
  Params params(layout.size());
  load_weights(scratch.file(), layout, params);
  CHECK(params[16] == 0);
  CHECK(params[0] == 5);
}

TEST_CASE("a file that is not there, too short or cut off is refused") {
  const Scratch scratch;
  CHECK_THAT(complaint(scratch.file()), Catch::Contains("does not exist") && Catch::Contains(scratch.file().string()));
  REQUIRE(mkfifo(scratch.file().c_str(), 0600) == 0);  // nobody ever writes into it
  CHECK_THAT(complaint(scratch.file()), Catch::Contains("the file is not a regular file but a pipe"));
  std::filesystem::remove(scratch.file());
  std::ofstream(scratch.file()) << "abc";
  CHECK_THAT(complaint(scratch.file()), Catch::Contains("3 bytes long"));
  write_raw(scratch.file(), "{}", "", 100);
  CHECK_THAT(complaint(scratch.file()), Catch::Contains("claims 100 bytes") && Catch::Contains("at most 2"));
  write_raw(scratch.file(), "{}", "", UINT64_MAX - 1);
  CHECK_THAT(complaint(scratch.file()), Catch::Contains("claims"));
  write_raw(scratch.file(), "{\"a\":", "");
  CHECK_THAT(complaint(scratch.file()), Catch::Contains("not JSON"));
  write_raw(scratch.file(), "[1]", "");
  CHECK_THAT(complaint(scratch.file()), Catch::Contains("not a JSON object"));
  write_raw(scratch.file(), good_header().dump(), std::string(79, '\0'));
  CHECK_THAT(complaint(scratch.file()), Catch::Contains("[60, 80)") && Catch::Contains("ends after 79"));
}

TEST_CASE("tensors that differ from the model are refused with what was found and expected") {
  CHECK(complaint_of([](json&) {}) == "");
  CHECK_THAT(complaint_of([](json& h) { h["norm.weight"]["dtype"] = "I32"; }),
             Catch::Contains("dtype I32; expected F32, or F64, F16 or BF16"));
  CHECK_THAT(complaint_of([](json& h) { h["norm.weight"]["dtype"] = "F16"; }), Catch::Contains("expected 10 bytes"));
  CHECK_THAT(complaint_of([](json& h) {
               h["embed.weight"]["shape"] = {5, 3};
             }),
             Catch::Contains("shape [5,3]; expected [3,5]"));
  CHECK_THAT(complaint_of([](json& h) { h.erase("norm.weight"); }), Catch::Contains("\"norm.weight\" is missing"));
  CHECK_THAT(complaint_of([](json& h) { h["extra"] = h["norm.weight"]; }), Catch::Contains("\"extra\" is there"));
  CHECK_THAT(complaint_of([](json& h) { h["norm.weight"].erase("shape"); }), Catch::Contains("expected dtype, shape"));
  CHECK_THAT(complaint_of([](json& h) {
               h["norm.weight"]["data_offsets"] = {60, -1};
             }),
             Catch::Contains("two data_offsets"));
}

TEST_CASE("tensors that overlap, leave holes or have the wrong length are refused") {
  CHECK_THAT(complaint_of([](json& h) {
               h["norm.weight"]["data_offsets"] = {56, 76};
             }),
             Catch::Contains("begins at byte 56") && Catch::Contains("expected 60"));
  CHECK_THAT(complaint_of(
                 [](json& h) {
                   h["norm.weight"]["data_offsets"] = {64, 84};
                 },
                 84),
             Catch::Contains("begins at byte 64"));
  CHECK_THAT(complaint_of(
                 [](json& h) {
                   h["norm.weight"]["data_offsets"] = {60, 76};
                 },
                 76),
             Catch::Contains("expected 20 bytes"));
  CHECK_THAT(complaint_of([](json& h) {
               h["norm.weight"]["data_offsets"] = {80, 60};
             }),
             Catch::Contains("expected 20 bytes"));
  CHECK_THAT(complaint_of([](json&) {}, 84), Catch::Contains("84 bytes long") && Catch::Contains("end after 80"));
}

TEST_CASE("a tensor named twice is refused") {
  const Scratch scratch;
  const std::string entry = R"("norm.weight":{"dtype":"F32","shape":[5],"data_offsets":[60,80]})";
  write_raw(scratch.file(),
            R"({"embed.weight":{"dtype":"F32","shape":[3,5],"data_offsets":[0,60]},)" + entry + "," + entry + "}",
            std::string(80, '\0'));
  CHECK_THAT(complaint(scratch.file()), Catch::Contains("\"norm.weight\" is there twice"));
}

TEST_CASE("every mistake of a weights file is named at once") {
  const std::string text = complaint_of([](json& h) {
    h["embed.weight"]["dtype"] = "I64";
    h["extra"] = h["norm.weight"];
    h.erase("norm.weight");
  });
  CHECK_THAT(text, Catch::Contains("I64") && Catch::Contains("extra") && Catch::Contains("missing"));
}

TEST_CASE("a number that is not finite is refused by its tensor and index") {
  const std::vector<int64_t> embed{3, 5}, norm{5};
  std::vector<float> values = ramp(15), five = ramp(5);
  values[7] = std::nanf("");
  values[9] = INFINITY;
  five[4] = -INFINITY;
  const std::string text =
      load(Foreign().add("embed.weight", "F32", embed, values).add("norm.weight", "F32", norm, five)).complaint;
  CHECK_THAT(text, Catch::Contains("tensor \"embed.weight\" is nan at [1,2], one of 2 such values; allowed: finite"));
  CHECK_THAT(text, Catch::Contains("tensor \"norm.weight\" is -inf at [4]"));
  // What no F32 can hold is no better than infinity.
  const std::vector<double> wide{1, 2, 1e300, 4, 5};
  CHECK_THAT(
      load(Foreign().add("embed.weight", "F32", embed, ramp(15)).add("norm.weight", "F64", norm, wide)).complaint,
      Catch::Contains("\"norm.weight\" is inf at [2]") && Catch::Contains("F32's range"));
  const std::vector<uint16_t> half{0, 0x7c00, 0, 0x7e00, 0}, brain{0, 0, 0, 0, 0xff80};
  CHECK_THAT(
      load(Foreign().add("embed.weight", "F32", embed, ramp(15)).add("norm.weight", "F16", norm, half)).complaint,
      Catch::Contains("is inf at [1], one of 2"));
  CHECK_THAT(
      load(Foreign().add("embed.weight", "F32", embed, ramp(15)).add("norm.weight", "BF16", norm, brain)).complaint,
      Catch::Contains("is -inf at [4]"));
}

TEST_CASE("F64, F16 and BF16 become F32 to the nearest, and that is told") {
  const std::vector<float> embed = ramp(15);
  const std::vector<double> wide(embed.begin(), embed.end());
  std::vector<uint16_t> brain(15);
  for (size_t i = 0; i < 15; ++i)
    brain[i] = static_cast<uint16_t>(std::bit_cast<uint32_t>(embed[i]) >> 16);  // exact: few bits are set
  // 1, the largest, the smallest, the largest subnormal, minus a third to eleven bits
  const std::vector<uint16_t> half{0x3c00, 0x7bff, 0x0001, 0x03ff, 0xb555};
  const std::vector<float> halves{1.0f, 65504.0f, 0x1p-24f, 0x1.ff8p-15f, -0.333251953125f};
  const Loaded from_wide =
      load(Foreign().add("embed.weight", "F64", {3, 5}, wide).add("norm.weight", "F16", {5}, half));
  const Loaded from_brain =
      load(Foreign().add("embed.weight", "BF16", {3, 5}, brain).add("norm.weight", "F16", {5}, half));
  REQUIRE(from_wide.complaint == "");
  CHECK(from_wide.params == from_brain.params);
  CHECK(std::equal(embed.begin(), embed.end(), from_wide.params.begin()));
  CHECK(std::equal(halves.begin(), halves.end(), from_wide.params.begin() + 16));
  CHECK(from_wide.notes ==
        std::vector<std::string>{"1 tensor of dtype F16 converted to F32", "1 tensor of dtype F64 converted to F32"});
  CHECK(
      load(Foreign().add("embed.weight", "F32", {3, 5}, embed).add("norm.weight", "F32", {5}, ramp(5))).notes.empty());
}

TEST_CASE("a head beside a tied embedding is accepted where it is equal, and refused where it is not") {
  for (const char* name : {"lm_head.weight", "head.weight"}) {
    std::vector<float> head = ramp(15);
    const auto with_head = [&] {
      return load(Foreign()
                      .add("embed.weight", "F32", {3, 5}, ramp(15))
                      .add("norm.weight", "F32", {5}, ramp(5))
                      .add(name, "F32", {3, 5}, head));
    };
    const Loaded equal = with_head();
    CHECK(equal.complaint == "");
    CHECK(equal.notes == std::vector<std::string>{std::string("\"") + name +
                                                  "\" equals the embedding that this model ties its head to"});
    head[11] = 7;
    CHECK_THAT(with_head().complaint, Catch::Contains(std::string("tensor \"") + name + "\" is 7.0 at [2,1]") &&
                                          Catch::Contains("ties its head") && Catch::Contains("tie_embeddings"));
  }
}

TEST_CASE("two tensors that mean one parameter are refused by both names") {
  CHECK_THAT(load(Foreign()
                      .add("embed.weight", "F32", {3, 5}, ramp(15))
                      .add("norm.weight", "F32", {5}, ramp(5))
                      .add("transformer.wte.weight", "F32", {3, 5}, ramp(15)))
                 .complaint,
             Catch::Contains("\"transformer.wte.weight\" is \"embed.weight\" as \"embed.weight\" is; expected once"));
}
