#include "experiments/config/experiment_config.h"
#include "experiments/run/build_workers.h"
#include "sim/workers/replay_speed.h"
#include "tests/experiments/import/imported.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using Catch::Matchers::Contains;
using namespace experiments;
using tests::all_notes;
using tests::imported;
using tests::refused;

namespace {

const std::string kSteps = "step,rank,seconds\n4,0,0.5\n5,0,0.25\n4,2,1\n5,2,2\n6,2,1\n";
const std::string kHistory =
    "\"_step\",\"train/loss\",\"_runtime\",\"_timestamp\"\n0,3.2,1.5,1644345412.5\n1,,2.25,1644345413.25\n"
    "4,2.9,5.25,1644345416.25\n5,2.8,,\n";

std::string trace_of(const std::string& rank, const std::string& more = "") {
  return R"({"schemaVersion": 1, )" + rank + R"("traceEvents": [
    {"name": "process_name", "ph": "M", "ts": 0, "pid": 1, "tid": 0, "args": {"name": "python"}},
    {"ph": "X", "cat": "user_annotation", "name": "ProfilerStep#5", "pid": 1, "tid": 2, "ts": 100.000, "dur": 98000.5},
    {"ph": "X", "cat": "user_annotation", "name": "ProfilerStep#6", "pid": 1, "tid": 2, "ts": 98200, "dur": 99000},
    {"ph": "X", "cat": "gpu_user_annotation", "name": "ProfilerStep#6", "pid": 0, "tid": 7, "ts": 98201, "dur": 7},
    {"ph": "X", "cat": "cpu_op", "name": "aten::mm", "pid": 1, "tid": 2, "ts": 98300, "dur": 20},)" +
         more + R"(
    {"ph": "X", "cat": "user_annotation", "name": "ProfilerStep#15", "pid": 1, "tid": 2, "ts": 900000, "dur": 97000}]})";
}
const std::string kRank3 = R"("distributedInfo": {"backend": "nccl", "rank": 3, "world_size": 4}, )";

/// What the simulator reads from the cluster's record.
sim::StepRecord record_of(const Imported& made) {
  const TempDirectory directory;
  const RunConfig run = tests::run_with(made, directory);
  CHECK(worker_mistakes(run).empty());
  return sim::read_step_record(directory.path() / "cluster/steps.csv");
}

}  // namespace

TEST_CASE("steps become a record that each rank's worker replays") {
  const Imported made = imported("steps", {kSteps});
  CHECK(record_of(made) == sim::StepRecord{{0, {0.5, 0.25}}, {2, {1, 2, 1}}});
  CHECK(made.cluster["workers"][1] ==
        Json::parse(
            R"({"name": "rank 2", "speed": {"kind": "replay", "trace": "steps.csv", "rank": 2, "after": "refuse"}})"));
  CHECK_THAT(all_notes(made), Contains("5 rows; unit assumed: seconds; gaps: none") &&
                                  Contains("2 ranks, 2 to 3 steps each, up to 4.000 s") &&
                                  Contains("past its end: refuse, as --after was not given"));
}

TEST_CASE("a W&B history becomes steps, those between distant rows at their mean") {
  const Imported made = imported("wandb", {kHistory, kHistory});
  const std::vector<double> steps{0.75, 1, 1, 1};
  CHECK(record_of(made) == sim::StepRecord{{0, steps}, {1, steps}});
  CHECK_THAT(all_notes(made),
             Contains("rank 1, in1: 3 rows, 1 without _step or _runtime left out; 3 steps between rows"));
  CHECK_THAT(all_notes(imported("wandb", {"_step,_runtime\n0,1\n1,3\n"})), Contains("times are whole seconds"));
}

TEST_CASE("a profiler's trace becomes its rank's steps, without what the GPU shows of them") {
  const Imported made = imported("torch-profiler", {trace_of(kRank3), trace_of("")});
  const std::vector<double> steps{0.0980005, 0.099, 0.097};
  CHECK(record_of(made) == sim::StepRecord{{1, steps}, {3, steps}});
  CHECK_THAT(all_notes(made), Contains("in0: rank 3, 3 steps of 6 events") && Contains("in1: rank 1 by its place") &&
                                  Contains("gaps: 16 steps between") && Contains("unit assumed: µs"));
  const Json bare = Json::parse(trace_of(""))["traceEvents"];
  CHECK(record_of(imported("torch-profiler", {bare.dump()})) == sim::StepRecord{{0, steps}});
}

TEST_CASE("steps come back the same from the plain form") {
  for (const auto& [format, content] : std::map<std::string, std::string>{
           {"steps", kSteps}, {"wandb", kHistory}, {"torch-profiler", trace_of(kRank3)}}) {
    INFO(format);
    const Imported once = imported(format, {content}), twice = imported("steps", {once.files.at("steps.csv")});
    CHECK(twice.files == once.files);
    CHECK(twice.cluster == once.cluster);
  }
}

TEST_CASE("wrong steps are refused with their place") {
  const std::string header = "step,rank,seconds\n";
  CHECK_THAT(refused("steps", header + "0,0,1\n2,0,1\n"),
             Contains("in0:3: step 1 of rank 0 is missing, the first gap"));
  CHECK_THAT(refused("steps", header + "1,0,1\n0,0,1\n"), Contains("in0:3: step 0 of rank 0 comes after step 1"));
  CHECK_THAT(refused("steps", header + "0,0,-1\n"), Contains("in0:2: -1 is negative"));
  CHECK_THAT(refused("steps", header + "0,0,nan\n"), Contains("in0:2: \"nan\" is not a number"));
  CHECK_THAT(refused("steps", header + "0,0,0\n"), Contains("in0:2: 0 s is no time of a step"));
  CHECK_THAT(refused("steps", "rank,step,seconds\n0,0,1\n"), Contains("is no record of steps"));
  CHECK_THAT(refused("wandb", "_step,loss\n0,1\n1,1\n"), Contains("in0:1: has no column _runtime"));
  CHECK_THAT(refused("wandb", "_step,_runtime\n0,5\n1,4\n"), Contains("in0:3: _runtime 4 does not rise"));
  CHECK_THAT(refused("wandb", "_step,_runtime\n1,5\n1,6\n"), Contains("in0:3: _step 1 does not rise"));
  CHECK_THAT(refused("wandb", "_step,_runtime\n1,5\n2\n"),
             Contains("in0:3: 1 cells; allowed: as many as the header's"));
  CHECK_THAT(refused("torch-profiler", R"({"traceEvents": []})"), Contains("has no event ProfilerStep#n"));
  CHECK_THAT(refused("torch-profiler", "{}"), Contains("is no trace"));
  CHECK_THAT(
      refused("torch-profiler", trace_of("", R"({"ph": "X", "name": "ProfilerStep#5", "pid": 9, "ts": 1, "dur": 3},)")),
      Contains("/traceEvents/5 is a second step 5"));
  CHECK_THAT(refused("torch-profiler", trace_of("", R"({"ph": "X", "name": "ProfilerStep#7", "ts": 1, "dur": -3},)")),
             Contains("/traceEvents/5/dur is the number -3"));
  CHECK_THAT(error_message<InvalidConfig>([] {
               imported("torch-profiler", {trace_of(kRank3), trace_of(kRank3)});
             }),
             Contains("in1: is of rank 3, as a file before it is"));
}
