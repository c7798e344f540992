#include <algorithm>
#include <cmath>

#include "experiments/cli/options.h"
#include "experiments/config/experiment_config.h"
#include "experiments/config/parse.h"
#include "experiments/run/build_workers.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

// Recorded steps in whole runs of the clock.

using Catch::Matchers::Contains;
using namespace experiments;
using tiny::with;

namespace {

/// The document with a worker per rank of the record.
Json replaying(const std::filesystem::path& record, int ranks, const std::string& after = "refuse") {
  Json workers = Json::array();
  for (int rank = 0; rank < ranks; ++rank)
    workers.push_back({{"speed", {{"kind", "replay"}, {"trace", record.string()}, {"rank", rank}, {"after", after}}}});
  return with(tiny::document(), {{"/workers", workers.dump()}});
}

/// What step `n` of a rank takes.
double seconds_of(int n, int rank) { return 0.3 + 0.7 * rank + 0.2 * std::sin(n * (rank + 1)); }

std::string record_of(int steps, int ranks) {
  std::string csv = "step,rank,seconds\n";
  for (int n = 0; n < steps; ++n)
    for (int rank = 0; rank < ranks; ++rank)
      csv += std::to_string(n) + "," + std::to_string(rank) + "," + Json(seconds_of(n, rank)).dump() + "\n";
  return csv;
}

}  // namespace

TEST_CASE("a replay of constant steps is the steady worker to the nanosecond") {
  const TempDirectory directory;
  std::string csv = "step,rank,seconds\n", steady;
  const double paces[] = {0.58, 0.75, 1.51, 3.33};
  for (int n = 0; n < 400; ++n)
    for (int rank = 0; rank < 4; ++rank)
      csv += std::to_string(n) + "," + std::to_string(rank) + "," + Json(paces[rank]).dump() + "\n";
  for (const double pace : paces)
    steady += (steady.empty() ? "" : ",") + Json({{"speed", {{"kind", "steady"}, {"seconds_per_step", pace}}}}).dump();
  for (const char* policy : {R"({"kind": "barrier"})", R"({"kind": "grace-window", "seconds": 0.5})"})
    for (const char* steps : {R"({"kind": "equal", "steps": 5})", R"({"kind": "dynamic", "steps": 5})"}) {
      const std::vector<std::pair<std::string, std::string>> rest = {{"/policy", policy}, {"/local_steps", steps}};
      const RunLog a = tiny::clock(with(replaying(directory.write("s.csv", csv), 4), rest)),
                   b = tiny::clock(with(with(tiny::document(), {{"/workers", "[" + steady + "]"}}), rest));
      REQUIRE(a.updates.size() == b.updates.size());
      for (size_t i = 0; i < a.updates.size(); ++i) REQUIRE(a.updates[i].time == b.updates[i].time);
      CHECK(a.final.time == b.final.time);
    }
}

TEST_CASE("a replayed synchronous run takes the sum over its rounds of the slowest rank's time") {
  const TempDirectory directory;
  const int ranks = 3, steps = 5, rounds = 8;
  const RunLog log = tiny::clock(with(replaying(directory.write("s.csv", record_of(rounds * steps, ranks)), ranks),
                                      {{"/policy", R"({"kind": "barrier"})"},
                                       {"/local_steps", R"({"kind": "equal", "steps": 5})"},
                                       {"/stop", R"({"server_updates": 8})"}}));
  double total = 0.0;
  for (int round = 0; round < rounds; ++round) {
    double slowest = 0.0;
    for (int rank = 0; rank < ranks; ++rank) {
      double sum = 0.0;
      for (int n = round * steps; n < (round + 1) * steps; ++n) sum += seconds_of(n, rank);
      slowest = std::max(slowest, sum);
    }
    total += slowest;
  }
  CHECK(log.final.server_updates == rounds);
  CHECK(sim::to_seconds(log.final.time) == Approx(total).margin(rounds * 1e-9));
}

TEST_CASE("a run longer than its record is refused or begins it anew, as chosen") {
  const TempDirectory directory;
  const auto record = directory.write("s.csv", record_of(7, 2));
  const std::vector<std::pair<std::string, std::string>> rest = {{"/policy", R"({"kind": "barrier"})"},
                                                                 {"/local_steps", R"({"kind": "equal", "steps": 5})"},
                                                                 {"/stop", R"({"server_updates": 2})"}};
  const auto experiment = tiny::parse(with(replaying(record, 2), rest));
  CHECK_THAT(error_message<InvalidConfig>([&] { clock_of(experiment.methods.at(0), 1, "f.json"); }),
             Contains("the record of rank 0 in " + record.string() + " has 7 steps, and the run begins more"));
  const RunLog log = tiny::clock(with(replaying(record, 2, "repeat"), rest));
  double total = 0.0;
  for (int n = 0; n < 10; ++n) total += seconds_of(n % 7, 1);
  CHECK(sim::to_seconds(log.final.time) == Approx(total).margin(1e-8));
}

TEST_CASE("a rank that the record has not, and a jitter beside a replay, are refused") {
  const TempDirectory directory;
  const auto record = directory.write("s.csv", record_of(7, 2));
  const auto mistakes = worker_mistakes(tiny::run_of(replaying(record, 3)));
  REQUIRE(mistakes.size() == 1);
  CHECK(mistakes[0].pointer == "/workers/2/speed/trace");
  CHECK_THAT(mistakes[0].message, Contains("has no step of rank 2; allowed: a rank from 0 to 1"));
  const Json jittered = with(replaying(record, 2), {{"/workers/0/jitter", R"({"kind": "exponential"})"}});
  CHECK_THAT(error_message<InvalidConfig>([&] { tiny::parse(jittered); }),
             Contains("/workers/0/jitter stands beside a replay"));
}
