#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "experiments/config/experiment_config.h"
#include "experiments/config/parse.h"
#include "experiments/run/build.h"
#include "models/nn/transformer.h"
#include "models/train/cancellation.h"
#include "models/weights.h"
#include "tests/support/cache_at.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

using tiny::with;
namespace fs = std::filesystem;

namespace {

models::Params start(const experiments::Json& json, int threads = 1) {
  const auto experiment = tiny::parse(json);
  experiments::ThreadPool pool(threads);
  experiments::SharedInputs inputs(pool);
  return *inputs.start(experiment.methods.at(0).run, experiment.seeds.at(0), {});
}

}  // namespace

TEST_CASE("a pre-trained start comes from the cache the second time, bit for bit, and a damaged cache is made again",
          "[threads]") {
  const TempDirectory cache;
  const CacheAt at(cache.path());
  const auto json = with(tiny::document(), {{"/start", R"({"kind": "pretrain", "steps": 4, "batch_size": 4})"}});
  const auto fresh = start(json);
  REQUIRE(std::distance(fs::directory_iterator(cache.path()), {}) == 1);
  const fs::path file = fs::directory_iterator(cache.path())->path();
  CHECK(start(json, 2) == fresh);
  fs::resize_file(file, 100);
  CHECK(start(json) == fresh);
  CHECK(start(with(json, {{"/seeds", "[4]"}})) != fresh);
  CHECK(std::distance(fs::directory_iterator(cache.path()), {}) == 2);
}

TEST_CASE("a pre-training that is stopped goes on from there the next time, to the same bits") {
  const TempDirectory cache, other;
  const auto json = with(tiny::document(), {{"/start", R"({"kind": "pretrain", "steps": 12, "batch_size": 4})"}});
  const auto whole = [&] {
    const CacheAt at(other.path());
    return start(json);
  }();
  const CacheAt at(cache.path());
  const auto experiment = tiny::parse(json);
  std::vector<int64_t> steps;
  for (const int64_t stop : {5, 6, 11}) {
    experiments::ThreadPool pool(2);
    experiments::SharedInputs inputs(pool);
    CHECK_THROWS_AS(inputs.start(experiment.methods[0].run, experiment.seeds[0],
                                 [&](int64_t step, double) {
                                   steps.push_back(step);
                                   if (step == stop) pool.cancel();
                                 }),
                    models::Cancelled);
  }
  CHECK(steps == std::vector<int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  CHECK(start(json) == whole);
  CHECK(std::distance(fs::directory_iterator(cache.path()), {}) == 1);  // what it went on from is gone
}

TEST_CASE("methods with the same start begin from the same parameters; another seed begins elsewhere", "[threads]") {
  CHECK(start(tiny::document()) == start(with(tiny::document(), {{"/outer", R"({"kind": "sgd"})"}})));
  CHECK(start(tiny::document()) != start(with(tiny::document(), {{"/seeds", "[4]"}})));
}

TEST_CASE("a run trains on SentencePiece tokens of JSON lines, the tokenizer trained once and cached") {
  const TempDirectory directory;
  const CacheAt at(directory.path() / "cache");
  const std::string text = experiments::read_text(source_dir() + "/experiments/data/kjv.txt").substr(0, 60000);
  std::string lines;
  for (size_t i = 0; i < text.size(); i += 2000)
    lines += experiments::Json{{"text", text.substr(i, 2000)}, {"domain", i % 4000 ? "odd" : "even"}}.dump() + "\n";
  const std::string corpus = experiments::Json(directory.write("lines.jsonl", lines).string()).dump();
  const auto json = with(tiny::document(), {{"/data/corpus", corpus},
                                            {"/data/tokenizer", R"({"kind": "sentencepiece", "vocabulary": 400})"},
                                            {"/model/vocabulary", "400"}});
  const auto first = tiny::train(json), second = tiny::train(json);
  CHECK(first.params == second.params);
  CHECK(first.log.evaluations.back().domain_loss.size() == 2);
  CHECK(std::distance(fs::directory_iterator(directory.path() / "cache"), {}) == 1);
}

TEST_CASE("a pre-trained start is not taken from the cache for another tokenizer under the same name") {
  const TempDirectory directory;
  const CacheAt at(directory.path() / "cache");
  const std::string text = experiments::read_text(source_dir() + "/experiments/data/kjv.txt").substr(0, 60000);
  const std::string_view halves[] = {std::string_view(text).substr(0, 30000), std::string_view(text).substr(30000)};
  const auto model = directory.path() / "some.model";
  models::train_sentencepiece(std::span(halves, 1), 400, model);
  const auto json =
      with(tiny::document(), {{"/data/corpus", experiments::Json(directory.write("t.txt", text).string()).dump()},
                              {"/data/tokenizer", R"({"kind": "sentencepiece", "vocabulary": 400, "model": )" +
                                                      experiments::Json(model.string()).dump() + "}"},
                              {"/model/vocabulary", "400"},
                              {"/start", R"({"kind": "pretrain", "steps": 2})"}});
  const auto first = start(json);
  CHECK(start(json) == first);
  models::train_sentencepiece(std::span(halves + 1, 1), 400, model);
  CHECK(start(json) != first);
}

TEST_CASE("a run can start from another run's saved weights") {
  const TempDirectory directory;
  const auto experiment = tiny::parse(tiny::document());
  const auto trained = tiny::train(tiny::document());
  const auto objective = experiments::build_objective(experiment.methods[0].run);
  models::save_weights(directory.path() / "w.safetensors", objective->layout(), trained.params);
  const std::string file = experiments::Json((directory.path() / "w.safetensors").string()).dump();
  CHECK(start(with(tiny::document(), {{"/start", R"({"kind": "weights", "file": )" + file + "}"}})) == trained.params);
}
