#include "experiments/report/read_run.h"
#include "models/nn/products.h"
#include "tests/experiments/sweep/sweep_place.h"
#include "tests/support/catch.h"
#include "tests/support/workplace.h"

using namespace experiments;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

/// Runs the program with oneDNN held to the instructions of twenty years ago.
Outcome with_sse(const std::string& arguments) {
  return shell("ONEDNN_MAX_CPU_ISA=SSE41 \"" + straggle_binary() + "\" " + arguments);
}
bool has_onednn() { return models::gemm_backend() == "onednn"; }

}  // namespace

TEST_CASE("the manifest names what multiplies matrices, and what holds it back") {
  const Workplace place;
  const std::string arguments = "run \"" + place.file.string() + "\" --quiet --set /stop/local_steps=20 --out ";
  REQUIRE(with_sse(arguments + "\"" + place.out.string() + "\"").code == 0);
  const Json products = read_json(place.out / "manifest.json")["matrix_products"];
  INFO(products.dump());
  CHECK(products["library"].get<std::string>().starts_with(models::gemm_backend()));
  CHECK(products.contains("compiled_for"));
  if (has_onednn()) {
    CHECK(products["instruction_set"] == "SSE4.1");
    CHECK(products["ONEDNN_MAX_CPU_ISA"] == "SSE41");
    CHECK_THAT(straggle("verify --quiet \"" + place.out.string() + "\"").output, Contains("note: matrix_products was"));
  }
}

TEST_CASE("a sweep's runs and pre-trained starts made with other instructions are not taken for these") {
  if (!has_onednn()) return;
  Json document = tests::SweepPlace::document();
  document["start"] = Json::parse(R"({"kind": "pretrain", "steps": 3})");
  const tests::SweepPlace place(document);
  const std::string arguments = "sweep \"" + place.file.string() + "\" --quiet --out \"" + place.out.string() + "\"";
  const fs::path cache = place.scratch.path() / "cache";
  const auto starts = [&] {
    size_t count = 0;
    for (const auto& entry : fs::directory_iterator(cache)) count += entry.is_regular_file();
    return count;
  };
  const std::string in_cache = "STRAGGLE_CACHE=\"" + cache.string() + "\" \"" + straggle_binary() + "\" ";
  REQUIRE(shell(in_cache + arguments).code == 0);
  const size_t runs = tests::count_runs(place.out), files = starts();
  REQUIRE(runs > 0);
  REQUIRE(files > 0);
  REQUIRE(shell("ONEDNN_MAX_CPU_ISA=SSE41 " + in_cache + arguments).code == 0);
  CHECK(tests::count_runs(place.out) == 2 * runs);
  CHECK(starts() == 2 * files);
}
