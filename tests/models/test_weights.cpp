#include "models/weights.h"

#include <sys/stat.h>

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
  layout.add("embed.weight", {3, 5}, true);
  layout.add("norm.weight", {5}, false);
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
  CHECK_THAT(complaint_of([](json& h) { h["norm.weight"]["dtype"] = "F16"; }),
             Catch::Contains("dtype F16; expected F32"));
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
