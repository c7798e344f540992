#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "experiments/config/parse.h"
#include "experiments/report/records_text.h"
#include "experiments/report/writers.h"
#include "tests/experiments/report/run_of.h"
#include "tests/experiments/report/synthetic_runs.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"
#include "tests/support/temp_directory.h"

using namespace experiments;
using Json = nlohmann::ordered_json;

namespace {

std::vector<Json> json_lines(const std::string& text) {
  std::vector<Json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(Json::parse(line));
  return lines;
}

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

RunLog one_run() {
  tests::SyntheticOptions options;
  options.methods = {"sync", "async"};
  options.seeds = {7};
  options.rounds = 8;
  return tests::synthetic_runs(options)[1];
}

}  // namespace

TEST_CASE("metrics.jsonl is an evaluation a line, every number to the last bit") {
  const TempDirectory folder;
  const RunLog run = one_run();
  write_run(folder.path(), run);
  const auto lines = json_lines(folder.read("metrics.jsonl"));
  REQUIRE(lines.size() == run.evaluations.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    const Evaluation& e = run.evaluations[i];
    CHECK(keys_of(lines[i]) == std::vector<std::string>{"server_updates", "local_steps", "tokens", "simulated_seconds",
                                                        "bytes_up", "bytes_down", "loss", "perplexity", "bits_per_byte",
                                                        "domain_loss"});
    CHECK(lines[i]["loss"] == e.loss);
    CHECK(lines[i]["bits_per_byte"] == bits_per_byte(e.loss, run.bytes_per_token));
    CHECK(lines[i]["tokens"] == e.at.tokens);
    CHECK(sim::from_seconds(lines[i]["simulated_seconds"]) == e.at.time.time_since_epoch());
    CHECK(keys_of(lines[i]["domain_loss"]) == run.domains);
    CHECK(lines[i]["domain_loss"]["melville"] == e.domain_loss[1]);
  }
}

TEST_CASE("updates.jsonl is an arrival a line, with null for the cosine that is not there") {
  const TempDirectory folder;
  const RunLog run = one_run();
  write_run(folder.path(), run);
  const auto lines = json_lines(folder.read("updates.jsonl"));
  REQUIRE(lines.size() == run.updates.size());
  CHECK(lines[0]["cosine_to_momentum"].is_null());
  for (size_t i = 0; i < lines.size(); ++i) {
    const UpdateRecord& u = run.updates[i];
    CHECK(keys_of(lines[i]) == std::vector<std::string>{"simulated_seconds", "server_update", "worker", "round",
                                                        "shard", "fragment", "local_steps", "staleness_updates",
                                                        "staleness_seconds", "train_loss", "gradient_norm",
                                                        "cosine_to_momentum", "dropped"});
    CHECK(lines[i]["worker"] == u.worker);
    CHECK(lines[i]["staleness_updates"] == u.staleness_updates);
    CHECK(sim::from_seconds(lines[i]["staleness_seconds"]) == u.staleness);
    CHECK(lines[i]["gradient_norm"] == u.gradient_norm);
    CHECK(lines[i]["dropped"] == u.dropped);
    if (u.cosine_to_momentum) CHECK(lines[i]["cosine_to_momentum"] == *u.cosine_to_momentum);
  }
}

TEST_CASE("in summary.json each worker's nanoseconds add up to the makespan exactly") {
  const TempDirectory folder;
  const RunLog run = one_run();
  write_run(folder.path(), run, 3.0);
  const Json s = Json::parse(folder.read("summary.json"));
  REQUIRE(s["workers"].size() == run.workers.size());
  for (const Json& w : s["workers"]) {
    int64_t sum = 0;
    double seconds = 0;
    for (const char* activity : {"compute", "upload", "download", "wait"}) {
      sum += w[std::string(activity) + "_nanoseconds"].get<int64_t>();
      seconds += w[std::string(activity) + "_seconds"].get<double>();
    }
    CHECK(sum == s["makespan_nanoseconds"].get<int64_t>());
    CHECK(seconds == Approx(s["makespan_seconds"].get<double>()).epsilon(1e-12));
  }
  CHECK(s["makespan_nanoseconds"] == run.final.time.time_since_epoch().count());
  CHECK(s["target_loss"] == 3.0);
  CHECK(s["time_to_target_seconds"] == *time_to_target(run, 3.0));
  CHECK(s["loss"] == run.evaluations.back().loss);
  CHECK(s["staleness_updates"]["max"] == max_staleness(run));
  CHECK(s["arrivals"]["applied"].get<int64_t>() + s["arrivals"]["dropped"].get<int64_t>() ==
        static_cast<int64_t>(run.updates.size()));
}

TEST_CASE("what was not reached, not finite or not there is null, and the files stay JSON") {
  const TempDirectory folder;
  RunLog run = tests::run_of(
      "bad \xff bytes", 1,
      {{0, 5}, {1, std::numeric_limits<double>::infinity()}, {2, std::numeric_limits<double>::quiet_NaN()}, {3, 1000}});
  run.updates.resize(1);
  run.updates[0].gradient_norm = std::numeric_limits<double>::infinity();
  run.updates[0].dropped = true;
  write_run(folder.path(), run, 4.0);
  const auto metrics = json_lines(folder.read("metrics.jsonl"));
  CHECK(metrics[1]["loss"].is_null());
  CHECK(metrics[2]["perplexity"].is_null());
  CHECK(metrics[3]["perplexity"].is_null());  // e^1000
  CHECK(json_lines(folder.read("updates.jsonl"))[0]["gradient_norm"].is_null());
  const Json s = Json::parse(folder.read("summary.json"));
  CHECK(s["time_to_target_seconds"].is_null());
  CHECK(s["utilisation"].is_null());
  CHECK(s["staleness_updates"]["mean"].is_null());
  CHECK(s["staleness_updates"]["max"].is_null());

  write_run(folder.path(), RunLog{});
  const Json empty = Json::parse(folder.read("summary.json"));
  CHECK(empty["loss"].is_null());
  CHECK(empty["target_loss"].is_null());
}

TEST_CASE("the same run writes the same bytes, however long the host took") {
  const TempDirectory a, b;
  RunLog run = one_run();
  write_run(a.path(), run, 3.0);
  run.host_seconds = 123;
  write_run(b.path(), run, 3.0);
  for (const char* name : {"metrics.jsonl", "updates.jsonl", "summary.json"}) CHECK(a.read(name) == b.read(name));
}

TEST_CASE("docs/results.md holds every key as the writers know it") {
  const std::string page = read_text(source_dir() + "/docs/results.md");
  // On a difference: cmake --build build --target docs
  CHECK(page.find("-->\n" + records_text() + "<!-- end -->") != std::string::npos);
}

TEST_CASE("a file that cannot be written is named") {
  const TempDirectory folder;
  CHECK_THROWS_WITH(write_run(folder.path() / "missing", one_run()), Catch::Contains("missing/metrics.jsonl"));
}
