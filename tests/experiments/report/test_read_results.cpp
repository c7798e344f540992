#include <functional>

#include "experiments/config/parse.h"
#include "experiments/report/files.h"
#include "experiments/report/read_results.h"
#include "experiments/report/writers.h"
#include "experiments/run/build.h"
#include "experiments/run/comparison.h"
#include "tests/experiments/report/run_of.h"
#include "tests/experiments/report/synthetic_runs.h"
#include "tests/support/catch.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

using namespace experiments;
namespace fs = std::filesystem;

namespace {

RunLog kept_run() {
  tests::SyntheticOptions options;
  options.rounds = 8;
  options.seeds = {7};
  return tests::synthetic_runs(options)[1];
}

void replace(const fs::path& file, const std::string& what, const std::string& with) {
  std::string text = read_text(file);
  const size_t at = text.find(what);
  REQUIRE(at != text.npos);
  write_file(file, text.replace(at, what.size(), with));
}

/// A results directory with the clock's times and made-up losses.
struct Directory {
  TempDirectory folder;
  ExperimentConfig experiment;
  std::vector<RunLog> runs;

  Directory() {
    const Json document = tiny::with(
        tiny::document(),
        {{"/methods", R"([{"name": "M"}, {"name": "Async", "policy": {"kind": "grace-window", "seconds": 0.5}}])"},
         {"/seeds", "[3, 4]"}});
    experiment = parse_experiment(document, "test.json");
    write_file(folder.path() / "experiment.json", to_json(experiment).dump());
    write_file(folder.path() / "manifest.json", "{}");
    for (const MethodConfig& method : experiment.methods) {
      for (const uint64_t seed : experiment.seeds) {
        sim::ClockParts parts = build_clock(method.run, seed);
        RunLog log = joined(sim::run_clock(parts), {});
        log.method = method.name;
        log.seed = seed;
        log.evaluations = {{{}, 5, {}}, {log.final, 3, {}}};
        const fs::path place = run_directory(folder.path(), method.name, seed);
        fs::create_directories(place);
        write_run(place, log);
        runs.push_back(log);
      }
    }
  }
};

}  // namespace

TEST_CASE("a run that was written is read back to the last bit, but for spans and host time") {
  const TempDirectory a, b;
  RunLog run = kept_run();
  run.evaluations[2].loss = NAN;
  run.evaluations[3].domain_loss[1] = INFINITY;
  run.lost_steps = 17;
  write_run(a.path(), run);
  const RunLog back = read_run(a.path());
  write_run(b.path(), back);
  for (const char* name : {"metrics.jsonl", "updates.jsonl", "summary.json"}) CHECK(a.read(name) == b.read(name));
  CHECK(back.method == run.method);
  CHECK(back.seed == run.seed);
  CHECK(back.domains == run.domains);
  CHECK(back.bytes_per_token == run.bytes_per_token);
  CHECK(back.final.time == run.final.time);
  REQUIRE(back.evaluations.size() == run.evaluations.size());
  CHECK(std::isnan(back.evaluations[2].loss));
  for (size_t i = 4; i < run.evaluations.size(); ++i) {
    CHECK(back.evaluations[i].loss == run.evaluations[i].loss);
    CHECK(back.evaluations[i].at.time == run.evaluations[i].at.time);
  }
  REQUIRE(back.updates.size() == run.updates.size());
  CHECK(back.updates[5].staleness == run.updates[5].staleness);
  CHECK(back.workers[2].compute == run.workers[2].compute);
}

TEST_CASE("spans that are derived again are those of the run that trained") {
  const Json document = tiny::with(tiny::document(), {{"/policy", R"({"kind": "grace-window", "seconds": 0.5})"},
                                                      {"/local_steps", R"({"kind": "dynamic", "steps": 5})"},
                                                      {"/stop/local_steps", "60"}});
  const RunLog trained = tiny::train(document).log;
  RunLog log = trained;
  log.spans.clear();
  log.seed = 3;
  derive_spans(parse_experiment(document, "test.json").methods[0].run, log);
  REQUIRE(log.spans.size() == trained.spans.size());
  for (size_t i = 0; i < log.spans.size(); ++i) {
    CHECK(log.spans[i].worker == trained.spans[i].worker);
    CHECK(log.spans[i].activity == trained.spans[i].activity);
    CHECK(log.spans[i].begin == trained.spans[i].begin);
    CHECK(log.spans[i].end == trained.spans[i].end);
  }
}

TEST_CASE("a results directory gives its runs by method and seed, and their spans add up to the recorded uses") {
  const Directory d;
  Results results = read_results(d.folder.path());
  REQUIRE(results.runs.size() == 4);
  for (size_t r = 0; r < 4; ++r) {
    CHECK(results.runs[r].method == d.runs[r].method);
    CHECK(results.runs[r].seed == d.runs[r].seed);
    CHECK(results.runs[r].spans.empty());
    const CriticalPath &found = results.runs[r].path, &written = d.runs[r].path;
    CHECK(found.stretches.empty());
    CHECK(found.shares == written.shares);
    CHECK(found.late == written.late);
    CHECK(found.waits == written.waits);
    CHECK(found.shares.size() > 0);
  }
  derive_spans(results);
  for (size_t r = 0; r < 4; ++r) CHECK(results.runs[r].path.stretches.size() == d.runs[r].path.stretches.size());
  for (const RunLog& run : results.runs) {
    std::vector<sim::Duration> computed(run.workers.size());
    for (const Span& span : run.spans)
      if (span.activity == Activity::compute) computed[static_cast<size_t>(span.worker)] += span.end - span.begin;
    for (size_t w = 0; w < computed.size(); ++w) CHECK(computed[w] == run.workers[w].compute);
  }
}

TEST_CASE("results of a version that told no critical path are read, and their paths are derived with the spans") {
  const Directory d;
  const fs::path file = run_directory(d.folder.path(), "M", 3) / "summary.json";
  Json summary = Json::parse(read_text(file));
  CHECK(summary.erase("critical_path") == 1);
  write_file(file, summary.dump());
  Results results = read_results(d.folder.path());
  CHECK(results.runs[0].path.shares.empty());
  derive_spans(results);
  CHECK(results.runs[0].path.shares == d.runs[0].path.shares);
}

TEST_CASE("what is missing, damaged or changed in results is named with its file and line") {
  const Directory d;
  const fs::path root = d.folder.path(), run = root / "async" / "4";
  const auto fails = [&](const std::string& expected) {
    CHECK_THROWS_WITH(read_results(root), Catch::Contains(expected));
  };
  SECTION("no directory") { CHECK_THROWS_WITH(read_results(root / "none"), Catch::Contains("none: does not exist")); }
  SECTION("a file") { CHECK_THROWS_WITH(read_results(root / "manifest.json"), Catch::Contains("is a file")); }
  SECTION("no experiment") {
    fs::remove(root / "experiment.json");
    fails("experiment.json: does not exist");
  }
  SECTION("a run is missing") {
    fs::remove_all(run);
    fails("async/4/summary.json: does not exist");
  }
  SECTION("a cause of no name") {
    replace(run / "summary.json", "\"cause\": \"compute\"", "\"cause\": \"fate\"");
    fails("summary.json: /critical_path/shares: \"cause\" is \"fate\"");
  }
  SECTION("metrics that are cut inside a line") {
    const std::string text = read_text(run / "metrics.jsonl");
    write_file(run / "metrics.jsonl", text.substr(0, text.size() - 9));
    fails("metrics.jsonl: line 2: has no line end; the file is cut off");
    write_file(run / "metrics.jsonl", text.substr(0, text.size() - 9) + "\n");
    fails("metrics.jsonl: line 2, column ");
  }
  SECTION("metrics that are cut between lines") {
    const std::string text = read_text(run / "metrics.jsonl");
    write_file(run / "metrics.jsonl", text.substr(0, text.find('\n') + 1));
    fails("metrics.jsonl: ends after 0 local steps");
  }
  SECTION("metrics whose last line is at the end's steps but earlier") {
    replace(run / "summary.json", "\"simulated_seconds\": ", "\"simulated_seconds\": 9");
    fails("; a file is cut off or of another run");
  }
  SECTION("an update that is lost") {
    const std::string text = read_text(run / "updates.jsonl");
    write_file(run / "updates.jsonl", text.substr(0, text.rfind('\n', text.size() - 2) + 1));
    fails("updates.jsonl: has ");
    write_file(run / "updates.jsonl", text.substr(0, text.size() - 1));
    fails(": has no line end; the file is cut off");
  }
  SECTION("a key that stands twice") {
    replace(run / "metrics.jsonl", "\"loss\":5.0", "\"loss\":5.0,\"loss\":4.0");
    fails("metrics.jsonl: line 1: /loss is there twice in one object");
  }
  SECTION("a key that stands twice in a document") {
    replace(run / "summary.json", "\"seed\": 4", "\"seed\": 4, \"seed\": 4");
    fails("summary.json: /seed is there twice in one object");
  }
  SECTION("workers and shards beyond what a number of theirs holds") {
    replace(run / "updates.jsonl", "\"worker\":0", "\"worker\":4294967296");
    fails("\"worker\" is the number 4294967296; allowed: a whole number of at most 2147483647");
    replace(run / "updates.jsonl", "\"worker\":4294967296", "\"worker\":0");
    replace(run / "updates.jsonl", "\"shard\":", "\"shard\":429496729");
    fails("allowed: a whole number of at most 2147483647");
  }
  SECTION("empty metrics") {
    write_file(run / "metrics.jsonl", "");
    fails("metrics.jsonl: is empty");
  }
  SECTION("a key that is gone") {
    replace(run / "metrics.jsonl", "\"tokens\"", "\"toke\"");
    fails("metrics.jsonl: line 1: has no \"tokens\"");
  }
  SECTION("a number that is none") {
    replace(run / "metrics.jsonl", "\"loss\":5.0", "\"loss\":\"low\"");
    fails("\"loss\" is the string \"low\"; allowed: a number or null");
  }
  SECTION("a worker that is not there") {
    replace(run / "updates.jsonl", "\"worker\":0", "\"worker\":9");
    fails("is of worker 9, but summary.json has 4 workers");
  }
  SECTION("a run in another's place") {
    replace(run / "summary.json", "\"seed\": 4", "\"seed\": 5");
    fails("summary.json: is of method \"Async\", seed 5; here belongs \"Async\", seed 4");
  }
  SECTION("a broken experiment") {
    replace(root / "experiment.json", "\"workers\"", "\"wrokers\"");
    CHECK_THROWS_WITH(read_results(root), Catch::Contains("wrokers"));
  }
  SECTION("another clock") {
    replace(root / "experiment.json", "3.33", "3.34");
    Results results = read_results(root);
    CHECK_THROWS_WITH(derive_spans(results), Catch::Contains("made by another version, or changed"));
  }
}
