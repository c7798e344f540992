#include "experiments/run/worker_names.h"

#include "experiments/config/config_fields.h"
#include "experiments/config/invalid_config.h"
#include "experiments/report/path_text.h"
#include "experiments/run/build.h"
#include "sim/clock/run_clock.h"
#include "tests/support/catch.h"
#include "tests/support/tiny_experiment.h"

using namespace experiments;
using tiny::with;

namespace {

const char* const kWorkers = R"([{"name": "a100", "count": 2, "speed": {"seconds_per_step": 1}},
    {"count": 1, "speed": {"seconds_per_step": 1}}, {"name": "t4", "speed": {"seconds_per_step": 3}}])";

}  // namespace

TEST_CASE("workers are called by their entry's name, counted where there are several, and by number without one") {
  const WorkerNames names = worker_names(tiny::run_of(with(tiny::document(), {{"/workers", kWorkers}})));
  CHECK(names.of(0) == "a100 0");
  CHECK(names.of(1) == "a100 1");
  CHECK(names.of(2) == "worker 2");
  CHECK(names.of(3) == "t4");
  CHECK(names.of(4) == "worker 4");
  CHECK(WorkerNames{}.of(7) == "worker 7");
}

TEST_CASE("the critical path's words have the names, and a name is given once") {
  const RunConfig run =
      tiny::run_of(with(tiny::document(), {{"/workers", kWorkers}, {"/policy", R"({"kind": "barrier"})"}}));
  sim::ClockParts parts = build_clock(run, 1);
  RunLog log = joined(sim::run_clock(parts), {});
  log.names = worker_names(run);
  CHECK_THAT(path_text(log), Catch::Contains("t4"));
  CHECK_THAT(late_text(log), Catch::StartsWith("t4 cost "));
  CHECK(path_owner(log.names, 1, sim::PathCause::compute) == "a100 1 compute");
  CHECK_THROWS_WITH(
      tiny::run_of(with(tiny::document(), {{"/workers/0/name", R"("x")"}, {"/workers/2/name", R"("x")"}})),
      Catch::Contains("/workers/2/name is \"x\", which names /workers/0 already"));
}
