#include "tests/support/tiny_experiment.h"

#include "experiments/config/experiment_config.h"
#include "experiments/config/parse.h"
#include "experiments/run/build.h"
#include "tests/support/paths.h"

namespace tiny {

Json document() {
  return Json::parse(R"({
    "name": "tiny", "seeds": [3],
    "data": {"corpus": "data", "shards": {"count": 4}},
    "model": {"preset": "tiny", "layers": 1, "width": 16, "heads": 2, "context": 16},
    "workers": [{"speed": {"seconds_per_step": 0.58}}, {"speed": {"seconds_per_step": 0.75}},
                {"speed": {"seconds_per_step": 1.51}}, {"speed": {"seconds_per_step": 3.33}}],
    "local": {"batch_size": 2, "learning_rate": {"peak": 3e-3, "total_steps": 100}},
    "stop": {"local_steps": 160}, "evaluation": {"every": {"local_steps": 40}, "windows": 2},
    "local_steps": {"kind": "equal", "steps": 5},
    "policy": {"kind": "barrier"}, "outer": {"kind": "nesterov", "rate": 0.7},
    "methods": [{"name": "M"}]
  })");
}

Json with(Json base, const std::vector<std::pair<std::string, std::string>>& settings) {
  for (const auto& [pointer, text] : settings) base[Json::json_pointer(pointer)] = Json::parse(text);
  return base;
}

Json uneven(const std::vector<std::pair<std::string, std::string>>& settings) {
  return with(with(document(), {{"/workers", R"([{"count": 3, "speed": {"kind": "steady", "seconds_per_step": 1}},
                                                 {"speed": {"kind": "steady", "seconds_per_step": 5}}])"},
                                {"/local_steps/steps", "10"},
                                {"/stop", R"({"local_steps": 800})"}}),
              settings);
}

Json homogeneous() { return with(document(), {{"/workers", R"([{"count": 4, "speed": {"seconds_per_step": 1.0}}])"}}); }

experiments::ExperimentConfig parse(const Json& json) {
  return experiments::parse_experiment(json, source_dir() + "/experiments/tiny.json");
}

Outcome train(const Json& json, int threads, const std::function<void(sim::ClockParts&)>& change) {
  const auto experiment = parse(json);
  experiments::ThreadPool pool(threads);
  experiments::SharedInputs inputs(pool);
  const auto& method = experiment.methods.at(0).run;
  experiments::Run run = experiments::build_run(method, experiment.seeds.at(0), inputs, {});
  if (change)
    run.clock = [whole = run.clock, change] {
      sim::ClockParts parts = whole();
      change(parts);
      return parts;
    };
  Outcome outcome{experiments::play(run, {.stop_loss = method.stop.loss}), {}};
  outcome.params = run.player->params();
  return outcome;
}

experiments::RunConfig run_of(const Json& json) { return parse(json).methods.at(0).run; }

experiments::RunLog clock(const Json& json) {
  const auto experiment = parse(json);
  auto parts = experiments::build_clock(experiment.methods.at(0).run, experiment.seeds.at(0));
  return experiments::joined(sim::run_clock(parts), {});
}

}  // namespace tiny
