#include <cmath>
#include <set>

#include "experiments/config/compose.h"
#include "experiments/config/parse.h"
#include "experiments/config/sweep.h"
#include "experiments/run/build.h"
#include "experiments/run/single_run.h"
#include "tests/support/cache_at.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"
#include "tests/support/temp_directory.h"

using namespace experiments;
namespace fs = std::filesystem;

namespace {

const fs::path kCatalog = source_dir() + "/experiments/catalog";

/// Whether the file lies in the folder of experiments at the paper's own scale, for which no data is at hand.
bool full_size(const fs::path& file) { return file.parent_path().filename() == "full"; }

/// The catalog's experiment files, in order. A plan of reproduction is none.
std::vector<fs::path> catalog() {
  std::set<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(kCatalog))
    if (entry.path().extension() == ".json" && entry.path().filename() != "reproduction.json")
      files.insert(entry.path());
  return {files.begin(), files.end()};
}

/// The document with a tiny model, one seed and three rounds of twenty steps a worker; its methods as they are, its
/// cluster too but for workers alike beyond the sixteenth.
Json miniature(Json document) {
  const bool text = document["data"].value("kind", "text") == "text";
  if (text) {
    document["model"] = Json::parse(R"({"preset": "tiny", "layers": 1, "width": 16, "heads": 2, "context": 16})");
    document["local"]["batch_size"] = 2;
  } else {
    document["model"]["hidden"] = 64;
    document["data"]["points"] = 256;
  }
  if (document.contains("start") && document["start"].value("kind", "") == "pretrain") {
    document["start"]["steps"] = document["start"]["batch_size"] = 2;
    document["start"]["learning_rate"].erase("warmup_steps");
  }
  int workers = 0;
  for (Json& group : document["workers"]) {
    if (group.value("count", 1) > 16) group["count"] = 16;
    workers += group.value("count", 1);
  }
  if (document.contains("sweep")) workers = 16;  // it may go over their number
  document["stop"] = {{"local_steps", 60 * workers}};
  document["evaluation"] = {{"every", {{"server_updates", 5}}}, {"windows", 2}};
  document["seeds"] = Json::array({document["seeds"][0]});  // clang and g++ read {json} differently
  return document;
}

}  // namespace

TEST_CASE("a miniature of every catalog file trains with every method, and all losses are finite", "[slow]") {
  const TempDirectory cache;
  const CacheAt at(cache.path());
  ThreadPool pool(2);
  SharedInputs inputs(pool);
  int trained = 0;
  for (const fs::path& file : catalog()) {
    if (full_size(file)) continue;
    CAPTURE(file);
    const Json document = miniature(Composition(parse_json(read_text(file), file.string()), file).document());
    // Of a sweep the first point and the last.
    const Sweep sweep = expand_sweep(document, file.string());
    std::vector<const SweepPoint*> points{&sweep.points.front()};
    if (sweep.points.size() > 1) points.push_back(&sweep.points.back());
    for (const SweepPoint* point : points) {
      for (const MethodConfig& method : point->experiment.methods) {
        CAPTURE(method.name);
        const RunLog log = train(method, point->experiment.seeds.at(0), inputs, {}, {}, {});
        CHECK(log.final.local_steps >= 60);
        CHECK(log.final.server_updates >= 2);
        CHECK(log.evaluations.size() >= 2);
        for (const Evaluation& e : log.evaluations) CHECK(std::isfinite(e.loss));
        ++trained;
      }
    }
  }
  CHECK(trained > 100);
}

TEST_CASE("every experiment of the catalog at the paper's own scale parses, and its clock runs to its end", "[slow]") {
  int files = 0;
  for (const fs::path& file : catalog()) {
    if (!full_size(file)) continue;
    CAPTURE(file);
    ++files;
    const ExperimentConfig experiment = parse_experiment(parse_json(read_text(file), file.string()), file);
    for (const MethodConfig& method : experiment.methods) {
      CAPTURE(method.name);
      sim::ClockParts parts = build_clock(method.run, experiment.seeds.at(0));
      const sim::ClockLog log = sim::run_clock(parts);
      CHECK(log.final.local_steps >= method.run.stop.local_steps.value());
      CHECK(log.final.time > sim::kTimeZero);
    }
  }
  CHECK(files == 16);
}
