#include "experiments/validation/settings_clock.h"

#include "experiments/config/experiment_config.h"
#include "experiments/config/parse.h"
#include "experiments/run/build.h"
#include "sim/clock/run_clock.h"

namespace experiments {

RunConfig run_of(const Json& settings) {
  Json document = Json::parse(R"({
    "name": "validation",
    "data": {"kind": "gaussian-mixture", "classes": 2, "clusters": 1, "dimensions": 2, "points": 1024},
    "model": {"kind": "mlp", "hidden": 1}, "local": {"batch_size": 1, "learning_rate": {"total_steps": 1}},
    "evaluation": {"every": {"local_steps": 1000000000000}}, "outer": {"kind": "sgd"},
    "methods": [{"name": "M"}]
  })");
  int64_t workers = 0;
  for (const Json& entry : settings.at("workers")) workers += entry.value("count", int64_t{1});
  document["data"]["shards"]["count"] = workers;
  document.update(settings);
  return parse_experiment(document, "validation").methods.front().run;
}

sim::ClockLog clock_of_run(const RunConfig& run, bool record) {
  sim::ClockParts parts = build_clock(run, 1);
  parts.record = record;
  return sim::run_clock(parts);
}
sim::ClockLog clock_of(const Json& settings, bool record) { return clock_of_run(run_of(settings), record); }

Json at_once() { return {{"kind", "grace-window"}, {"seconds", 0}}; }
Json barrier() { return {{"kind", "barrier"}}; }
Json equal_steps(int64_t steps) { return {{"kind", "equal"}, {"steps", steps}}; }

Json worker(double seconds_per_step, double bytes_per_second, double latency_seconds, int64_t count) {
  Json link{{"latency_seconds", latency_seconds}};
  if (bytes_per_second > 0) link["bytes_per_second"] = bytes_per_second;
  return {{"count", count}, {"speed", {{"seconds_per_step", seconds_per_step}}}, {"download", link}, {"upload", link}};
}

Json stand_in(double bytes) { return {{"parameters", 1}, {"bytes", static_cast<int64_t>(bytes)}}; }

}  // namespace experiments
